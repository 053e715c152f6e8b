import { controlPlane, onHistoryCleared, onIdentityChanged } from '../../platform/control-client'
import { startHost } from './host'

startHost(controlPlane(), { onIdentityChanged, onHistoryCleared })
