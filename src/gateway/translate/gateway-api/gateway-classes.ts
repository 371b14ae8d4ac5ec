import type { KubeObject } from '../../objects/object.ts'
import { condition, fine, problem } from './conditions.ts'
import type { Context } from './context.ts'
import { supportedFeatures } from './features.ts'
import { controllerName, gatewayGroup, type GatewayClassSpec, type GatewaySpec } from './specs.ts'

export interface GatewayClasses {
  /** of a class of ours, or of one that no file defines; reports those left alone */
  readonly isOurs: (gateway: KubeObject<GatewaySpec>) => boolean
}

/** Classes with our controller's name, their status written. */
export function gatewayClasses(context: Context): GatewayClasses {
  const { objects, output } = context
  const classes = new Map(
    objects
      .list<GatewayClassSpec>(`GatewayClass.${gatewayGroup}`)
      .map((object) => [object.metadata.name, object]),
  )
  for (const object of classes.values()) {
    if (object.spec.controllerName === controllerName) reportClass(context, object)
  }
  return {
    isOurs: (gateway) => {
      const name = gateway.spec.gatewayClassName
      const found = classes.get(name)
      if (found?.spec.controllerName === controllerName) return true
      output.report(gateway, ['spec', 'gatewayClassName'], {
        severity: 'info',
        rule: found ? 'class-of-another-controller' : 'class-not-defined',
        message: found
          ? `GatewayClass ${name} is of controller ${found.spec.controllerName}: this Gateway is left alone`
          : `no file defines GatewayClass ${name}: it is taken as ours`,
      })
      return found === undefined
    },
  }
}

function reportClass({ output }: Context, object: KubeObject<GatewayClassSpec>): void {
  const { name, generation } = object.metadata
  const parameters = object.spec.parametersRef
  const verdict = parameters
    ? problem(
        'InvalidParameters',
        `parametersRef names ${parameters.kind} ${parameters.name}; there are none here`,
      )
    : fine
  output.statuses.push({
    kind: 'GatewayClass',
    group: gatewayGroup,
    namespace: '',
    name,
    generation,
    status: {
      conditions: [
        condition('Accepted', verdict, generation),
        condition('SupportedVersion', fine, generation),
      ],
      supportedFeatures: supportedFeatures.map((feature) => ({ name: feature })),
    },
  })
}
