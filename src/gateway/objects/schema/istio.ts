/** Compiled schemas of Istio's networking API. */
import { DestinationRule } from '@kubernetes-models/istio/networking.istio.io/v1/DestinationRule'
import { Gateway } from '@kubernetes-models/istio/networking.istio.io/v1/Gateway'
import { ServiceEntry } from '@kubernetes-models/istio/networking.istio.io/v1/ServiceEntry'
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1/VirtualService'
import { WorkloadEntry } from '@kubernetes-models/istio/networking.istio.io/v1/WorkloadEntry'

export const istioSchemas = { DestinationRule, Gateway, ServiceEntry, VirtualService, WorkloadEntry }
