import type { Emote } from '../../protocol/emotes'
import { z } from '../../protocol/schema'

/** Emotes of one set that are kept; the largest sets that providers sell have about so many. */
export const MAX_EMOTES = 3_000

/** What an answer holds that we use. */
export interface Reading {
  emotes: Emote[]
  /** The channel's number at Twitch, where the answer tells. */
  channelId?: string
}

/** Reads an answer; `undefined` where it has not the provider's shape. */
export type ReadAnswer = (answer: unknown) => Reading | undefined

/** Anything can be a code that a word of a message can be: no white space, nothing that turns or hides text. */
export const codeSchema = z.string().regex(/^[^\s\p{C}]{1,64}$/u)
/** It becomes a part of an image's address. */
export const idSchema = z.string().regex(/^[0-9A-Za-z]{1,32}$/)
/** Px. What makes no sense is as if it had not been told. */
export const lengthSchema = z.number().min(1).max(1_000).optional().catch(undefined)

/** Reads each emote by itself: one that makes no sense costs no other. The first of a code counts. */
export function emotesOf(list: readonly unknown[], read: (one: unknown) => Emote | undefined): Emote[] {
  const byCode = new Map<string, Emote>()
  for (const one of list) {
    if (byCode.size >= MAX_EMOTES) break
    const emote = read(one)
    if (emote && !byCode.has(emote.code)) byCode.set(emote.code, emote)
  }
  return [...byCode.values()]
}

/** Width and height where both are known. */
export const sized = (width: number | undefined, height: number | undefined) =>
  width !== undefined && height !== undefined
    ? { width: Math.round(width), height: Math.round(height) }
    : undefined
