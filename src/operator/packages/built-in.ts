/** The packages that Slipway brings, and the kinds that stand for them. */
import type { Facade } from '../installation/load-installations.ts'
import { newPackageShelf } from '../package/package-shelf.ts'
import type { PackageShelf } from '../package/package.ts'
import { gatewayPackages } from './gateway/gateway.ts'
import { nginxPackages } from './nginx/nginx.ts'

export const builtInPackages: PackageShelf = newPackageShelf([...nginxPackages, ...gatewayPackages])

/** The version of each stays as it is: an operator that is updated must not update what it has installed. */
export const facades: readonly Facade[] = [{ kind: 'Nginx', package: 'nginx', version: '1.0.0' }]
