// simple-peer imports these from `webrtc-polyfill`, whose install fetches a native binary for Node.
// A browser has them already, so the package is overridden by this file (package.json, "overrides").
export const { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = globalThis
