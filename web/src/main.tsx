import { render } from 'preact';
import { App } from './app.tsx';
import { follow } from './live/link.ts';

const page = document.querySelector('#page');
if (page !== null) {
  page.replaceChildren();
  render(<App />, page);
}
follow();
