/** `fault`: names of the simulation's catalogue. `test`: a file, and words of a title in it. */
export type Cover = { readonly fault: string } | { readonly test: string; readonly title: string };

const fault = (name: string): Cover => ({ fault: name });
const test = (path: string, title: string): Cover => ({ test: path, title });
const rental = (title: string): Cover => test('test/contract/vast-rental-contract.ts', title);
const instance = (title: string): Cover => test('test/contract/vast-instance-contract.ts', title);
const verdict = test('test/adapters/vast/instance-verdict.test.ts', 'what an instance’s states say');

/** Everything that the references say can go wrong around a rental, and what shows that it does no harm. */
export const faultTable: readonly (readonly [string, ...Cover[]])[] = [
  // The provider: offers and creates.
  ['a 400 hides that the offer is gone', rental('three offers are gone'), fault('vast.offerGone')],
  ['a search shows offers that are taken', fault('vast.offerGone')],
  [
    'the create is accepted and its answer lost',
    rental('a create whose answer is lost'),
    fault('vast.createReplyLost'),
  ],
  ['the create answers without an id', rental('a success without an id'), fault('vast.createNoId')],
  [
    'the create is slow and its machine late in lists',
    rental('not in the list for some seconds'),
    fault('vast.slowList'),
  ],
  [
    'a failed create leaves an instance',
    rental('a failed create that left an instance'),
    fault('vast.createFailsWithContract'),
  ],
  [
    '429 in all its forms, without Retry-After',
    rental('each form of a 429'),
    fault('vast.create429'),
    fault('vast.destroy429'),
  ],
  ['a storm of 429', test('test/adapters/vast/pacer.test.ts', 'doubles its pause with each refusal')],
  [
    'a sloppy server ignores the filters',
    rental('a sloppy server sends an 8 GB card'),
    fault('vast.sloppySearch'),
  ],
  ['the GPU goes to somebody else right after the create', verdict, fault('vast.intendedStopped')],
  ['the market is empty', rental('an empty market is no error')],
  [
    'the key is refused, as 401 or as 404',
    rental('a wrong key is refused everywhere'),
    fault('vast.keyRefused'),
  ],
  ['no credit', instance('without credit nothing is rented'), fault('vast.noCredit')],
  ['credit runs out while a machine runs', fault('vast.creditGone')],
  ['the machine costs more than its offer', instance('an offer costs what the instance will cost')],
  ['traffic costs more than the GPU', test('test/policy/offer-ranking.test.ts', 'counts the traffic')],
  ['SSH keys are injected at creation only', rental('the SSH key of the account is added once')],
  // The provider: boots.
  ['cur_state runs while the image is pulled', verdict],
  ['a status text with the word image in it', verdict],
  ['loading for minutes is no failure', fault('vast.slowBoot')],
  ['a boot that never ends', instance('a boot that never ends stays pending'), fault('vast.neverBoots')],
  ['an OCI failure in created', verdict, fault('vast.ociFails')],
  [
    'an image that does not exist',
    instance('an image that does not exist'),
    test('test/wiring/bad-input-renting.test.ts', 'because the image does not exist waits for a person'),
  ],
  ['a bad hour of a whole region', fault('vast.badRegion')],
  [
    'SSH: proxy host with direct port',
    test('test/adapters/ssh/first-open.test.ts', 'never mixed with the port of the other'),
  ],
  [
    'SSH: one path is broken',
    test('test/adapters/ssh/first-open.test.ts', 'is the proxy when the direct path is broken'),
  ],
  [
    'SSH: a key that is never accepted',
    test('test/machines/tunnel.test.ts', 'a refused key is forgiven while the machine is fresh'),
  ],
  ['SSH: reached never', test('test/wiring/bad-input-renting.test.ts', 'runs but is never reached by SSH')],
  [
    'the entrypoint does not run',
    test('test/wiring/machine/onstart.test.ts', 'starts the ML node on loopback'),
  ],
  ['no GPU although SSH works', test('test/wiring/machine/boot-limits.test.ts', 'because it shows no GPU')],
  [
    'the ML node never answers',
    test('test/wiring/machine/boot-limits.test.ts', 'because its ML node never answers'),
  ],
  // The provider: machines that run.
  ['the container exits', verdict, fault('vast.exits')],
  ['the host goes offline', verdict, fault('vast.offline')],
  ['the program on the machine dies', fault('machine.dies')],
  [
    'the host key changes',
    test('test/machines/tunnel.test.ts', 'a changed host key breaks it also at a reconnect'),
    fault('machine.hostKeyChanges'),
  ],
  [
    'SSH freezes without FIN',
    test('test/contract/ssh-tunnel-contract.ts', 'lost neither in a freeze without FIN'),
    fault('machine.frozen'),
  ],
  ['the SSH server ends', fault('machine.sshDies')],
  ['the tunnel breaks in the middle of a callback', fault('home.flapsInCallback')],
  ['the sender on the machine stalls', fault('machine.senderStalls')],
  ['its state call hangs', fault('machine.stateHangs')],
  ['its init fails', fault('machine.initFails')],
  ['its model loads slowly', fault('machine.loadSlow')],
  // The provider: lists and destroys.
  ['an empty list', instance('an empty one does'), fault('vast.listEmpty')],
  ['a malformed list', instance('a malformed and a partial list prove nothing'), fault('vast.listMalformed')],
  ['a partial list', instance('a malformed and a partial list prove nothing'), fault('vast.listPartial')],
  ['an HTML page in place of a list', instance('an error page'), fault('vast.list500Html')],
  ['the version of the API is removed', fault('vast.apiGone')],
  [
    'a list of several pages',
    test('test/adapters/vast/instance-list.test.ts', 'reads every page'),
    instance('thirty instances are two pages'),
  ],
  ['the provider is down', instance('when the API is down reads are unreachable'), fault('vast.down')],
  ['a destroy fails, and fails again', instance('destroy fails three times'), fault('vast.destroyFails')],
  ['a destroy that lies', instance('a destroy that lies is found out'), fault('vast.destroyLies')],
  ['a second destroy finds nothing', instance('a second destroy finds nothing')],
  ['other people’s machines', test('test/wiring/deployment-id.test.ts', 'is made on the first start')],
  // The chain.
  [
    'it halts',
    test('test/runtime/waiting.test.ts', 'does not wait for ever on a halted chain'),
    fault('chain.halt'),
  ],
  ['it lags', fault('chain.lag')],
  ['a source is stuck', fault('chain.stuck'), fault('source.stuck')],
  [
    'one of three sources lies about its height',
    test('test/policy/source-choice.test.ts', 'one of three, whatever it says'),
    fault('chain.ahead'),
    fault('source.ahead'),
  ],
  [
    'one of three sources moves every stage',
    test('test/wiring/chain/chain-of-sources.test.ts', 'says who lies'),
    fault('chain.shifted'),
    fault('source.shifted'),
  ],
  [
    'one of three sources lags, or says nothing',
    test('test/policy/source-choice.test.ts', 'follows the two others while the first'),
    fault('source.lag'),
    fault('source.silent'),
  ],
  [
    'a source is a home page',
    test('test/wiring/bad-input-outage.test.ts', 'home page asks the next source'),
    fault('chain.html'),
  ],
  ['a source is away, or says nothing', fault('chain.unreachable'), fault('chain.silent')],
  ['a source answers 500', fault('chain.error500')],
  [
    'block time drifts between 3 and 8 seconds',
    test('test/policy/block-time.test.ts', 'stays plausible'),
    fault('chain.blockTime'),
  ],
  ['it leaps over every height of a plan', test('test/model/epoch-model.ts', 'chainLeaps')],
  ['it goes back', test('test/policy/block-time.test.ts', 'begins anew when the chain goes back')],
  [
    'governance changes the length of an epoch',
    test('test/simulation/governance.test.ts', 'governance makes shorter and then longer'),
  ],
  // The Network Node.
  ['it restarts in the middle of a PoC', fault('networkNode.restart')],
  [
    'its node numbers change',
    test('test/machines/registration.test.ts', 'whenever the Network Node gives another one'),
    test('test/server/relay/receiver.test.ts', 'restores the number of the Network Node'),
  ],
  ['it is down', fault('networkNode.down')],
  [
    'it answers callbacks with 500 or 503',
    fault('networkNode.callback500'),
    fault('networkNode.callback503'),
  ],
  ['it is slow to take callbacks', fault('networkNode.callbackSlow')],
  ['its admin port belongs to another service', fault('networkNode.adminOther')],
  ['it refuses a callback for good', test('test/server/relay/deliverer.test.ts', 'refuses for good')],
  ['every trap of its calls', test('test/server/mlnode-api/pitfalls.test.ts', 'a known trap')],
  [
    'every failure of the automation before',
    test('test/server/mlnode-api/former-failures.test.ts', '$id: $rule'),
  ],
  // At home.
  [
    'the daemon is killed at any commit',
    test('test/runtime/crashes.test.ts', 'cras'),
    test('test/e2e/kill.test.ts', 'in any state of one PoC'),
  ],
  [
    'the disk is full',
    test('test/simulation/home-faults.test.ts', 'keeps no machine'),
    fault('home.diskFull'),
  ],
  ['the store is busy', test('test/runtime/store.test.ts', 'says that it is busy'), fault('home.storeBusy')],
  ['the clock is set while the daemon lives', test('test/runtime/system-clock.test.ts', 'set')],
  [
    'the clock is set while it is down',
    test('test/simulation/home-faults.test.ts', 'a wall clock that was set'),
    fault('home.clockSteps'),
    fault('home.clockStepsBack'),
  ],
  ['two daemons on one store', test('test/runtime/lock.test.ts', 'is refused to a second daemon')],
  ['two daemons on one account', test('test/wiring/deployment-id.test.ts', 'the deployment id')],
  [
    'the daemon is dead: machines end by themselves',
    test('test/wiring/machine/onstart.test.ts', 'lives on for as long as its life is renewed'),
  ],
  ['the key stands in an error', rental('is in no error')],
];
