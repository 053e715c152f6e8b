import { controlPlane, onIdentityChanged } from '../../platform/control-client'
import { startHost } from './host'

startHost(controlPlane(), onIdentityChanged)
