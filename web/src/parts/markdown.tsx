import type { ComponentChildren } from 'preact';

/** The little of Markdown that the runbooks use: headings, lists, code, paragraphs. Everything else is text. */
export function Markdown({ text }: { text: string }) {
  const blocks = text
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .split(/\n{2,}/)
    .map((block) => block.replace(/^\n+|\n+$/g, ''))
    .filter((block) => block !== '');
  return (
    <>
      {blocks.map((block, place) => (
        <Block key={place} block={block} />
      ))}
    </>
  );
}

function Block({ block }: { block: string }) {
  const heading = /^(#{1,4}) (.+)$/.exec(block);
  if (heading !== null) return heading[1] === '#' ? <h3>{heading[2]}</h3> : <h4>{heading[2]}</h4>;
  const fence = /^```\w*\n([\s\S]*?)\n?```$/.exec(block);
  if (fence !== null) return <pre>{fence[1]}</pre>;
  const lines = block.split('\n');
  if (lines.every((line) => /^([-*]|\d+\.) |^ {2,}/.test(line))) {
    const items = block.split(/\n(?=[-*] |\d+\. )/).map((item) => item.replace(/^([-*]|\d+\.) /, ''));
    const list = items.map((item, place) => <li key={place}>{inline(item)}</li>);
    return /^\d/.test(block) ? <ol>{list}</ol> : <ul>{list}</ul>;
  }
  return <p>{inline(block)}</p>;
}

/** Code, bold, and links as their text alone: no link of a page leads to another host by itself. */
function inline(text: string): ComponentChildren[] {
  return text
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((piece, place) => {
      if (piece.startsWith('`')) return <code key={place}>{piece.slice(1, -1)}</code>;
      if (piece.startsWith('**')) return <b key={place}>{piece.slice(2, -2)}</b>;
      return piece;
    });
}
