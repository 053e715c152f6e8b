import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import type { ControlPlane, TwitchView } from '../protocol/control'
import { type IdentityProblem, identityProblem } from './identity-problem'

/** The part of the control plane that knows the viewer's Twitch account. */
export type TwitchPlane = Pick<ControlPlane, 'twitchLink' | 'linkTwitch' | 'unlinkTwitch' | 'showTwitch'>

interface TwitchSource {
  plane: TwitchPlane
  /** Calls back when a try to link is over, or the link has changed. */
  onChanged(listener: () => void): () => void
}

/** The Twitch account that the viewer's account is linked to. */
export const useTwitchStore = defineStore('twitch', () => {
  /** `null` until the background has answered once. */
  const view = shallowRef<TwitchView | null>(null)
  /** A step is under way; others are ignored. */
  const busy = ref(false)
  const problem = shallowRef<IdentityProblem | null>(null)
  /** What was done here last, to be told. */
  const done = ref<'shown' | 'hidden' | 'unlinked' | null>(null)

  let source: TwitchSource | null = null
  /** Answers count only if nothing newer was asked. */
  let newest = 0

  /** Starts to follow the background. Nothing is asked before `load`. */
  function attach(to: TwitchSource): () => void {
    source = to
    const stop = to.onChanged(() => {
      if (view.value) void load()
    })
    return () => {
      stop()
      source = null
    }
  }

  /** Asks anew. Resolves with whether there was an answer; `problem` says why not. */
  async function load(): Promise<boolean> {
    if (!source || busy.value) return false
    newest += 1
    const turn = newest
    try {
      const answer = await source.plane.twitchLink()
      if (turn !== newest) return false
      view.value = answer
      problem.value = null
      return true
    } catch (error) {
      if (turn === newest) problem.value = identityProblem(error)
      return false
    }
  }

  async function step(call: (plane: TwitchPlane) => Promise<TwitchView>): Promise<boolean> {
    if (!source || busy.value) return false
    newest += 1
    busy.value = true
    problem.value = null
    done.value = null
    try {
      view.value = await call(source.plane)
      return true
    } catch (error) {
      problem.value = identityProblem(error)
      return false
    } finally {
      busy.value = false
    }
  }

  /** Opens Twitch's page. Resolves with whether it opens; how it ends comes by `view`. */
  const link = (): Promise<boolean> => step((plane) => plane.linkTwitch())

  async function unlink(): Promise<boolean> {
    const isDone = await step((plane) => plane.unlinkTwitch())
    if (isDone) done.value = 'unlinked'
    return isDone
  }

  /** Shows the login to others, or hides it. If that fails it is as before. */
  async function show(shown: boolean): Promise<boolean> {
    const isDone = await step((plane) => plane.showTwitch(shown))
    if (isDone) done.value = shown ? 'shown' : 'hidden'
    // The Worker may know better what there is to show.
    else if (problem.value?.code === 'twitch_not_linked') await reload()
    return isDone
  }

  async function reload(): Promise<void> {
    const why = problem.value
    await load()
    problem.value = why
  }

  return { view, busy, problem, done, attach, load, link, unlink, show }
})
