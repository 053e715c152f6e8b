import { providerOver } from '../../platform/ask-provider'
import { playChime } from '../../platform/chime'
import { announceChoices, serveChoices } from '../../platform/choices-port'
import { Database } from '../../platform/database'
import { StoredEmotes } from '../../platform/emote-cache'
import { serveHostPorts } from '../../platform/host-ports'
import { StoredIdentity } from '../../platform/identity-store'
import { isOnline, watchNetwork } from '../../platform/network-events'
import { RealClock } from '../../platform/real-clock'
import { tellOperator } from '../../platform/report-post'
import { RoomArchives } from '../../platform/room-archives'
import { openRoomSocket } from '../../platform/room-socket'
import { StoredChoices } from '../../platform/stored-choices'
import { StoredDrafts } from '../../platform/stored-drafts'
import { WebRtcLinks } from '../../platform/webrtc-links'
import { fromBase64Url } from '../../protocol/bytes'
import type { CommandName } from '../../protocol/commands'
import { ControlError, type ControlPlane, type Credentials } from '../../protocol/control'
import { panelSizesSchema } from '../../protocol/host-port'
import { SAY_PACE } from '../../protocol/limits'
import { openerOf } from '../../protocol/sealed'
import { Attention } from '../../services/attention/attention'
import { Drafts } from '../../services/drafts/drafts'
import { MAX_ANSWER_BYTES } from '../../services/emotes/asking'
import { Emotes } from '../../services/emotes/emotes'
import { RoomHost } from '../../services/host/room-host'
import { showsOurKey, signerOf } from '../../services/identity/device-keys'
import { PassportRenewal } from '../../services/identity/passport-renewal'
import { IceKeeper } from '../../services/mesh/ice-keeper'
import { Passports } from '../../services/passports'
import { PersonChoices } from '../../services/people/person-choices'
import { Retry } from '../../services/reconnection/retry'
import { WakeWatch } from '../../services/reconnection/wake-watch'

/** A suspended account asks this often whether it still is (ms). */
const SUSPENDED_MS = 10 * 60_000
/** What a room heard of our account is asked about at most this often (ms). */
const OUTDATED_MS = 10_000
/** The background did not say what the viewer chose: asked again after this (ms). */
const PRIVACY_AGAIN_MS = 5_000

const UNPACED = { messages: 1_000_000, ms: 1 }

/** What the background tells the host of its own accord. */
export interface HostSignals {
  onIdentityChanged(listener: () => void): void
  onHistoryCleared(listener: () => void): void
  onPrivacyChanged(listener: () => void): void
  onEmotesChanged(listener: () => void): void
  onCommand(listener: (name: CommandName, tab: number | undefined) => void): void
}

/** Starts the room host: in Chrome's offscreen document, or in Firefox's background page. */
export function startHost(control: ControlPlane, signals: HostSignals): void {
  const clock = new RealClock()
  const database = new Database()
  const identity = new StoredIdentity(database)
  const links = new WebRtcLinks()
  const archives = new RoomArchives(database)
  const emotes: Emotes = new Emotes({
    clock,
    random: Math.random,
    ask: providerOver(MAX_ANSWER_BYTES),
    cache: new StoredEmotes(database, () => clock.now()),
    isAllowed: () => control.emotesAllowed(),
    onChange: () => host.emotesChanged(),
  })
  const choices: PersonChoices = new PersonChoices({
    clock,
    store: new StoredChoices(database),
    onChange: () => {
      host.standingsChanged()
      announceChoices()
    },
  })
  const drafts = new Drafts(clock, new StoredDrafts(database))
  const host: RoomHost = new RoomHost({
    clock,
    drafts,
    emotes,
    choices,
    attention: new Attention({
      clock,
      // Nobody is told while the background is away; the next call tells.
      tell: (count, note) => void control.showCalls(count, note).catch(() => {}),
      chime: playChime,
    }),
    saveCollapsed: (collapsed) => void database.setValue('collapsed', collapsed).catch(() => {}),
    saveSizes: (sizes) => void database.setValue('panelSizes', sizes).catch(() => {}),
  })
  /** Who the sessions speak for; replaced in place when only the passport is fresher. */
  let speaker: { credentials: Credentials; passports: Passports; ice: IceKeeper } | undefined
  /** Until the background has said otherwise, nobody learns our address. */
  let direct = false
  /** How often the viewer's choice was asked for, and the latest of these questions that was answered. */
  let looks = 0
  let lastLook = 0
  let stopAsking = () => {}
  let knowsTime = false
  let following = Promise.resolve()
  const asking = new Retry({ clock, random: Math.random, task: () => follow() })
  const renewal = new PassportRenewal({ clock, random: Math.random, ask: () => follow() })
  let isOutdated = false

  function follow(): void {
    following = following.then(followOnce)
  }

  async function followOnce(): Promise<void> {
    try {
      const fresh = await control.credentials(false)
      if (fresh && !showsOurKey(fresh.passport, await identity.keys())) throw new TypeError('not our key')
      // A first idea of the time; a room object's word is fresher.
      if (fresh && !knowsTime) clock.correct(fresh.serverTime)
      if (fresh) await lookAtPrivacy()
      if (fresh && isSame(fresh, speaker?.credentials)) renew(fresh)
      else await become(fresh)
      if (fresh) renewal.follow(fresh.renewAt)
      else renewal.stop()
      asking.succeeded()
    } catch (error) {
      const isSuspended = error instanceof ControlError && error.code === 'account_suspended'
      if (!isSuspended) host.askedInVain()
      else if (speaker) await become(null)
      if (isSuspended) renewal.stop()
      asking.failed(isSuspended ? SUSPENDED_MS : 0)
    }
  }

  /** A room heard that the Worker knows more of our account than our passport says, or has ended it. */
  function outdated(): void {
    if (isOutdated) return
    isOutdated = true
    clock.after(OUTDATED_MS * Math.random(), () => {
      isOutdated = false
      // What came of it is announced like any other change of identity.
      control.renewPassport().catch(() => {})
    })
  }

  function renew(fresh: Credentials): void {
    const isNews = fresh.passport !== speaker?.credentials.passport
    if (!speaker || !isNews) return
    speaker.credentials = fresh
    speaker.passports.replaceKeys(fresh.jwks)
    host.renew(fresh)
  }

  async function become(fresh: Credentials | null): Promise<void> {
    speaker?.ice.close()
    if (!fresh) {
      speaker = undefined
      drafts.become(null)
      await choices.become(null)
      return host.become(null)
    }
    // Before anybody can be linked with us.
    await choices.become(fresh.accountId)
    drafts.become(fresh.accountId)
    const renewKeys = async () => ((await control.credentials(true)) ?? fresh).jwks
    const current = {
      credentials: fresh,
      passports: new Passports(clock, fresh.jwks, renewKeys),
      ice: new IceKeeper({
        clock,
        random: Math.random,
        fetch: () => control.icePass(),
        onChange: () => host.termsChanged(),
      }),
    }
    const keys = await identity.keys()
    host.become(fresh, {
      clock,
      random: Math.random,
      signer: signerOf(keys),
      opener: openerOf(keys.sealing, fromBase64Url(keys.seal)),
      passports: current.passports,
      links,
      iceServers: () => current.ice.servers,
      direct: () => direct,
      openSocket: openRoomSocket,
      credentials: () => current.credentials,
      socketPass: async (room) => {
        const pass = await control.socketPass(room)
        // Entering one's own channel may have taken the choice away.
        await lookAtPrivacy()
        return pass
      },
      role: (room) => control.role(room),
      tellOperator,
      archive: (room) => archives.open(room, fresh),
      isTimeSure: () => clock.isSure,
      onOutdated: outdated,
      pace: __UNPACED__ ? UNPACED : SAY_PACE,
      standingOf: (account) => choices.standingOf(account),
      onServerTime: (now) => {
        knowsTime = true
        clock.correct(now)
        // After a long sleep or a long time alone: the background knows whether the passport needs renewing.
        follow()
      },
    })
    speaker = current
  }

  /** A choice that cannot be asked for is taken for a no, until it can. */
  async function lookAtPrivacy(): Promise<void> {
    looks++
    const look = looks
    const chosen = await control.privacy().catch(() => undefined)
    // An answer from before a change may come after the one from after it.
    if (look < lastLook) return
    lastLook = look
    stopAsking()
    if (!chosen) stopAsking = clock.after(PRIVACY_AGAIN_MS, () => void lookAtPrivacy())
    const isDirect = chosen?.direct ?? false
    if (isDirect === direct) return
    direct = isDirect
    host.termsChanged()
  }

  /** The network came or went, or the machine slept: find out now what still works. */
  function lookAround(): void {
    asking.hurry()
    speaker?.ice.hurry()
    host.networkChanged(isOnline())
  }

  Promise.all([database.value('collapsed'), database.value('panelSizes')]).then(
    ([collapsed, sizes]) =>
      host.restoreLayout(collapsed ?? false, panelSizesSchema.safeParse(sizes).data ?? {}),
    // Without storage the panel opens as it does the first time.
    () => host.restoreLayout(false, {}),
  )
  signals.onIdentityChanged(follow)
  signals.onPrivacyChanged(() => void lookAtPrivacy())
  signals.onEmotesChanged(() => void emotes.reconsider())
  signals.onCommand((name, tab) => host.command(name, tab))
  signals.onHistoryCleared(() => host.historyCleared())

  watchNetwork({
    onOnline: lookAround,
    onOffline: lookAround,
    // Browsers report it also when nothing but an estimate changed.
    onChange: () => host.networkChanged(isOnline()),
  })
  new WakeWatch({
    clock,
    wall: Date.now,
    steady: () => performance.now(),
    onWake: ({ clockMoved }) => {
      lookAround()
      // The Worker's time is needed anew; a room's first word brings it.
      if (clockMoved) host.reconnectNow()
    },
  })
  serveHostPorts(host)
  serveChoices({
    list: () => choices.all,
    choose: (account, name, standing) => choices.choose(account, name, standing),
  })
  follow()
}

const isSame = (a: Credentials, b: Credentials | undefined) =>
  a.device === b?.device && a.accountId === b.accountId
