/**
 * The house's import rules (ARCHITECTURE.md): what each layer may know of the others. Everything that is not listed is refused.
 *
 * `tsPreCompilationDeps: 'specify'` tells imports of types alone from real ones, so that a layer may know another's shapes without
 * its code.
 */
const LAYERS = '^(protocol|services|platform|stores|components|entrypoints|worker|scripts|tests)/'
const TYPES = 'type-only'

/** The libraries that touch the browser, and the browser's own API. */
const BROWSER_LIBRARIES =
  '(^|/)node_modules/(webextension-polyfill|@wxt-dev/|wxt/|dexie|simple-peer|@thaunknown/simple-peer)'

/** A layer's rule: besides itself and npm it imports `values` for real, and `types` by `import type`. */
function layer(name, values, types = []) {
  const allowed = [name, ...values]
  return [
    {
      name: `${name}-imports`,
      comment: `${name}/ imports ${values.join(', ') || 'nothing of ours'}${types.length ? `, and types of ${types.join(', ')}` : ''}`,
      severity: 'error',
      from: { path: `^${name}/` },
      to: { path: LAYERS, pathNot: `^(${[...allowed, ...types].join('|')})/` },
    },
    ...types.map((type) => ({
      name: `${name}-imports-only-types-of-${type}`,
      severity: 'error',
      from: { path: `^${name}/` },
      to: { path: `^${type}/`, dependencyTypesNot: [TYPES] },
    })),
  ]
}

module.exports = {
  forbidden: [
    ...layer('protocol', []),
    ...layer('services', ['protocol']),
    ...layer('platform', ['protocol'], ['services', 'worker']),
    ...layer('stores', ['protocol']),
    ...layer('components', ['protocol', 'stores']),
    ...layer('entrypoints', ['protocol', 'services', 'platform', 'stores', 'components'], ['worker']),
    ...layer('worker', ['protocol']),
    {
      name: 'entrypoints-are-ends',
      comment: 'Nothing builds on an entry point; tests may look into it.',
      severity: 'error',
      from: { pathNot: '^(entrypoints|tests)/' },
      to: { path: '^entrypoints/' },
    },
    {
      name: 'product-needs-no-scripts-or-tests',
      severity: 'error',
      from: { pathNot: '^(scripts|tests)/|^[^/]+$' },
      to: { path: '^(scripts|tests)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-node',
      comment: 'These run in browsers (protocol also in workerd).',
      severity: 'error',
      from: { path: '^(services|protocol|stores|components|platform|entrypoints)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browser-libraries-behind-platform',
      comment: 'Only platform/ and entrypoints/ touch browser.*, IndexedDB and RTCPeerConnection.',
      severity: 'error',
      from: { path: '^(services|protocol|stores|components|worker)/' },
      to: { path: BROWSER_LIBRARIES },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(cloudflare:|virtual:|wxt/|#imports)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.output|\\.wxt|\\.wrangler|\\.sidestream)/|worker-configuration\\.d\\.ts$' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'browser', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.vue', '.js', '.json', '.d.ts'],
    },
    moduleSystems: ['es6', 'cjs'],
  },
}
