/** Offered first in `Sec-WebSocket-Protocol` and chosen by the Worker; the ticket is offered second. */
export const SOCKET_PROTOCOL = 'sidestream.room.v1'
export const TICKET_PROTOCOL_PREFIX = 'ticket.'
