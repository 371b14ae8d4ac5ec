import { test } from 'node:test'
import type { IDestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1/DestinationRule'
import type { IGateway } from '@kubernetes-models/istio/networking.istio.io/v1/Gateway'
import type { IServiceEntry } from '@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry'
import type { IVirtualService } from '@kubernetes-models/istio/networking.istio.io/v1/VirtualService'
import type { IWorkloadEntry } from '@kubernetes-models/istio/networking.istio.io/v1/WorkloadEntry'
import type {
  DestinationRuleSpec,
  GatewaySpec,
  ServiceEntrySpec,
  VirtualServiceSpec,
  Workload,
} from './spec.ts'

type Spec<Kind extends { spec?: unknown }> = NonNullable<Kind['spec']>

test('the types of the schemas fit ours (tsc proves it)', () => {
  const check = {
    gateway: (spec: Spec<IGateway>): GatewaySpec => spec,
    virtualService: (spec: Spec<IVirtualService>): VirtualServiceSpec => spec,
    destinationRule: (spec: Spec<IDestinationRule>): DestinationRuleSpec => spec,
    serviceEntry: (spec: Spec<IServiceEntry>): ServiceEntrySpec => spec,
    workloadEntry: (spec: Spec<IWorkloadEntry>): Workload => spec,
  }
  void check
})
