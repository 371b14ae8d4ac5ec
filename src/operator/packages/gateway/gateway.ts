/** `slipway gateway` in a cluster that has no Gateway API: its objects come in files, and nothing watches the cluster. */
import * as z from 'zod/mini'
import type { KubeObject } from '../../../kube/index.ts'
import { asPackage, type Package, type PackageInput } from '../../package/package.ts'
import { configHashAnnotation } from '../../render/config-hash.ts'

const portSchema = z.strictObject({
  name: z.string().check(z.regex(/^[a-z](?:[-a-z0-9]{0,13}[a-z0-9])?$/, 'is not the name of a port')),
  port: z.int().check(z.gte(1), z.lte(65_535)),
})

const gatewayValues = z.strictObject({
  image: z
    .string()
    .check(
      z.minLength(1),
      z.describe(
        'an image of Slipway, such as slipway build -t REF -f examples/gateway-image/Dockerfile . makes',
      ),
    ),
  config: z
    .record(z.string().check(z.regex(/^[\w.-]+\.ya?ml$/, 'is not the name of a YAML file')), z.string())
    .check(z.describe('files of Gateway API, Istio or Ingress objects, by name')),
  ports: z._default(z.array(portSchema).check(z.minLength(1)), [{ name: 'http', port: 80 }]),
  replicas: z._default(z.int().check(z.gte(0), z.lte(1000)), 2),
  service: z._default(
    z.strictObject({ type: z._default(z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']), 'LoadBalancer') }),
    { type: 'LoadBalancer' },
  ),
})

type GatewayValues = z.infer<typeof gatewayValues>

const adminPort = 15_000
const configFolder = '/etc/slipway/gateway'

const example: z.input<typeof gatewayValues> = {
  image: 'registry.example/slipway:1.0.0',
  config: {
    'gateway.yaml': `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: public
spec:
  gatewayClassName: slipway
  listeners:
    - name: http
      port: 80
      protocol: HTTP
`,
  },
}

export const gatewayPackages: readonly Package[] = [
  asPackage({
    name: 'gateway',
    version: '1.0.0',
    description: 'a gateway for HTTP and TCP from plain files of Gateway API objects',
    schema: gatewayValues,
    jsonSchema: () => z.toJSONSchema(gatewayValues, { io: 'input' }),
    example,
    kinds: [
      { apiVersion: 'v1', kind: 'ServiceAccount' },
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { apiVersion: 'v1', kind: 'Service' },
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
    ],
    render: renderGateway,
  }),
]

function renderGateway({ name, values }: PackageInput<GatewayValues>): KubeObject[] {
  const labels = { 'app.kubernetes.io/name': 'slipway-gateway', 'app.kubernetes.io/instance': name }
  const metadata = { name, labels }
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: values.config },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: {
        type: values.service.type,
        selector: labels,
        ports: values.ports.map(({ name: title, port }) => ({
          name: title,
          port,
          targetPort: title,
          protocol: 'TCP',
        })),
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: values.replicas,
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
        // The gateway follows its files: pods need not be new for a new route.
        template: {
          metadata: { labels, annotations: { [configHashAnnotation]: 'none' } },
          spec: podSpec(name, values),
        },
      },
    },
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
}

function podSpec(name: string, { image, ports }: GatewayValues): object {
  const probe = { httpGet: { path: '/ready', port: 'admin' } }
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      seccompProfile: { type: 'RuntimeDefault' },
      // Listeners may have small numbers, and nobody else is in this network namespace.
      sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
    },
    containers: [
      {
        name: 'gateway',
        image,
        args: [
          'gateway',
          'run',
          '-c',
          configFolder,
          '--address',
          '0.0.0.0',
          '--admin',
          `0.0.0.0:${adminPort}`,
          '--state',
          '/tmp/gateway-state.json',
          '--grace',
          '10',
        ],
        ports: [
          ...ports.map(({ name: title, port }) => ({ name: title, containerPort: port, protocol: 'TCP' })),
          { name: 'admin', containerPort: adminPort, protocol: 'TCP' },
        ],
        readinessProbe: { ...probe, periodSeconds: 5 },
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'config', mountPath: configFolder, readOnly: true },
          { name: 'tmp', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'config', configMap: { name } },
      { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } },
    ],
  }
}
