-- Retention looks for old lines every hour; without this it reads the whole journal to find none.
CREATE INDEX journal_at ON journal (at);
