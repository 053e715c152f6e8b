import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Provider } from 'oidc-provider'
import { TWITCH_SCOPES } from './twitch-provider.ts'
import type { TwitchUsers } from './twitch-users.ts'

/** Where Twitch would ask who somebody is and whether they agree: one page for both, and no password. */
export async function consentPage(
  provider: Provider,
  users: TwitchUsers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params, session } = await provider.interactionDetails(request, response)
  const known = users.byId(session?.accountId ?? '')?.login
  if (request.method !== 'POST') {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page(known))
    return
  }
  const form = new URLSearchParams(await text(request))
  const login = known ?? form.get('login')?.trim().toLowerCase() ?? ''
  if (form.get('answer') !== 'yes' || !/^[a-z0-9_]{1,25}$/.test(login)) {
    const error = { error: 'access_denied', error_description: 'The user denied you access' }
    return provider.interactionFinished(request, response, error)
  }
  const accountId = users.get(login).id
  const grant = new provider.Grant({ accountId, clientId: params.client_id ?? '' })
  grant.addOIDCScope(TWITCH_SCOPES.filter((scope) => params.scope?.split(' ').includes(scope)).join(' '))
  const grantId = await grant.save()
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } })
}

const page = (known: string | undefined) => `<!doctype html>
<html lang="en">
<title>Not Twitch</title>
<style>body { max-width: 26em; margin: 3em auto; font: 16px/1.5 system-ui; } button, input { font: inherit; padding: .4em .8em; }</style>
<h1>Not Twitch</h1>
<p>A stand-in for Twitch on this machine. Be whoever you like: any login will do, there is no password.</p>
<form method="post">
  <p><label>Login <input name="login" pattern="[A-Za-z0-9_]{1,25}" required ${known ? `value="${known}" readonly` : 'autofocus'}></label></p>
  <p>Sidestream would like to know who you are and which channels you moderate.</p>
  <button name="answer" value="yes">Authorize</button>
  <button name="answer" value="no" formnovalidate>Cancel</button>
</form>
</html>
`
