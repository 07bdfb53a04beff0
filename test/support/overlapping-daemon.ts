import { registerHooks } from 'node:module';

/**
 * The daemon with a wrong `shareNonces`: each machine of a fleet gets the whole class of the node, so that all of them
 * find the same nonces. Everything else, the relay's guard included, believes it. No arguments.
 */
const right = '/src/policy/nonce-partition.ts';
const wrong = `
export * from 'RIGHT';
export const shareNonces = (whole, machines) => Array.from({ length: machines }, () => ({ ...whole }));
`;

registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    const isAsked = found.url.endsWith(right) && context.parentURL?.startsWith('data:') === false;
    if (!isAsked) return found;
    const source = wrong.replace('RIGHT', `${found.url}?right`);
    return { ...found, url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module' };
  },
});

process.argv[2] = 'none';
await import('./sabotaged-daemon.ts');
