/** Compiled schemas of Kubernetes' own kinds. */
import { EndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { IngressClass } from 'kubernetes-models/networking.k8s.io/v1/IngressClass'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Secret } from 'kubernetes-models/v1/Secret'
import { Service } from 'kubernetes-models/v1/Service'

export const kubernetesSchemas = {
  ConfigMap,
  EndpointSlice,
  Ingress,
  IngressClass,
  Namespace,
  Secret,
  Service,
}
