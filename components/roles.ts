import type { InjectionKey, Ref } from 'vue'
import type { Role } from '../protocol/role'

/** What everybody is in the channel, by account, where a room is shown. */
export const rolesKey: InjectionKey<Readonly<Ref<ReadonlyMap<string, Role>>>> = Symbol('roles')
