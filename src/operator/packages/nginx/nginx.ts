/** nginx, as one would write it by hand after some years: the set of objects that an empty `spec` stands for. */
import * as z from 'zod/mini'
import type { KubeObject } from '../../../kube/index.ts'
import { asPackage, type Package, type PackageInput } from '../../package/package.ts'
import { nginxDeployment } from './deployment.ts'
import { mainConfig, serverConfig } from './nginx-config.ts'
import { nginxReleases, type NginxRelease } from './releases.ts'
import { nginxValues, type NginxValues } from './values.ts'

export const nginxPackages: readonly Package[] = nginxReleases.map((release) =>
  asPackage({
    name: 'nginx',
    version: release.version,
    description: 'nginx as a web server or reverse proxy',
    schema: nginxValues,
    jsonSchema: () => z.toJSONSchema(nginxValues, { io: 'input' }),
    kinds: [
      { apiVersion: 'v1', kind: 'ServiceAccount' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { apiVersion: 'v1', kind: 'Service' },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
      { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
      { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    ],
    render: (input: PackageInput<NginxValues>) => renderNginx(input, release),
  }),
)

function renderNginx(input: PackageInput<NginxValues>, release: NginxRelease): KubeObject[] {
  const { name, namespace, values } = input
  const { service, tls, autoscaling } = values
  const labels = { 'app.kubernetes.io/name': 'nginx', 'app.kubernetes.io/instance': name }
  const metadata = { name, labels }
  const objects: KubeObject[] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [name], verbs: ['get'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: { 'nginx.conf': mainConfig, 'default.conf': serverConfig(values) },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: service.type,
        selector: labels,
        ports: [
          { name: 'http', port: service.port, targetPort: 'http', protocol: 'TCP' },
          ...(tls ? [{ name: 'https', port: 443, targetPort: 'https', protocol: 'TCP' }] : []),
        ],
      },
    },
    nginxDeployment(input, release, labels),
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: {
        maxUnavailable: 1,
        selector: { matchLabels: labels },
        unhealthyPodEvictionPolicy: 'AlwaysAllow',
      },
    },
  ]
  if (autoscaling) objects.push(autoscaler(metadata, autoscaling))
  if (values.networkPolicy) objects.push(networkPolicy(metadata, tls !== undefined))
  return objects
}

type Metadata = { readonly name: string; readonly labels: Readonly<Record<string, string>> }

function autoscaler(metadata: Metadata, values: NonNullable<NginxValues['autoscaling']>): KubeObject {
  const { minReplicas, maxReplicas, cpuPercent } = values
  const target = { type: 'Utilization', averageUtilization: cpuPercent }
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: metadata.name },
      minReplicas,
      maxReplicas,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  }
}

function networkPolicy(metadata: Metadata, hasTls: boolean): KubeObject {
  const ports = [8080, ...(hasTls ? [8443] : [])].map((port) => ({ port, protocol: 'TCP' }))
  const dns = ['UDP', 'TCP'].map((protocol) => ({ port: 53, protocol }))
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: metadata.labels },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports }],
      egress: [{ ports: dns }],
    },
  }
}
