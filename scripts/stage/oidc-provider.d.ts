/** As much of the library as `twitch-provider.ts` uses; it brings no types of its own. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  interface StoredToken {
    readonly accountId: string
    readonly clientId: string
    readonly grantId: string
    readonly scope?: string
    readonly scopes: Set<string>
    destroy(): Promise<void>
  }

  interface Grant {
    addOIDCScope(scope: string): void
    save(): Promise<string>
  }

  export interface Context {
    method: string
    path: string
    status: number
    body: unknown
    readonly oidc?: {
      readonly route?: string
      readonly entities: { readonly Account?: { readonly accountId: string } }
      readonly params?: Readonly<Record<string, string | undefined>>
    }
  }

  export class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    readonly AccessToken: { find(value: string): Promise<StoredToken | undefined> }
    readonly Grant: new (of: {
      accountId: string
      clientId: string
    }) => Grant
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): void
    callback(): (request: IncomingMessage, response: ServerResponse) => unknown
    interactionDetails(
      request: IncomingMessage,
      response: ServerResponse,
    ): Promise<{
      readonly uid: string
      readonly params: Readonly<Record<string, string | undefined>>
      readonly session?: { readonly accountId?: string }
    }>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Record<string, unknown>,
    ): Promise<void>
  }
  export default Provider
}
