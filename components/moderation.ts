import type { InjectionKey } from 'vue'
import type { Decision } from '../protocol/host-port'
import type { LineView } from './rows'

/** What lines need to know of a viewer who may moderate; provided by the panel. */
export interface LineModeration {
  /** Whether the viewer may delete it for everybody. */
  mayActOn(line: LineView): boolean
  decide(decision: Decision): Promise<boolean>
}

export const moderationKey: InjectionKey<LineModeration> = Symbol('moderation')
