import type { KubeObject } from '../../../kube/index.ts'
import type { PackageInput } from '../../package/package.ts'
import type { NginxRelease } from './releases.ts'
import type { NginxValues } from './values.ts'

/** Runs as nobody on a root file system that cannot be written; stops after connections have ended. */
export function nginxDeployment(
  { name, values }: PackageInput<NginxValues>,
  release: NginxRelease,
  labels: Readonly<Record<string, string>>,
): KubeObject {
  const { tls, autoscaling } = values
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      // What is not said here belongs to the autoscaler.
      ...(!autoscaling && { replicas: values.replicas }),
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: name,
          automountServiceAccountToken: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 101,
            runAsGroup: 101,
            fsGroup: 101,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'nginx',
              image: values.image ?? release.image,
              ports: [
                { name: 'http', containerPort: 8080, protocol: 'TCP' },
                ...(tls ? [{ name: 'https', containerPort: 8443, protocol: 'TCP' }] : []),
              ],
              readinessProbe: { httpGet: { path: '/healthz', port: 8081 }, periodSeconds: 5 },
              livenessProbe: {
                httpGet: { path: '/healthz', port: 8081 },
                periodSeconds: 10,
                failureThreshold: 6,
              },
              // Endpoints are taken away while it still answers.
              lifecycle: { preStop: { sleep: { seconds: 5 } } },
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [
                { name: 'config', mountPath: '/etc/nginx/nginx.conf', subPath: 'nginx.conf', readOnly: true },
                { name: 'servers', mountPath: '/etc/nginx/conf.d', readOnly: true },
                { name: 'tmp', mountPath: '/tmp' },
                ...(tls ? [{ name: 'tls', mountPath: '/etc/nginx/tls', readOnly: true }] : []),
              ],
            },
          ],
          ...(release.spreads && {
            topologySpreadConstraints: [
              {
                maxSkew: 1,
                topologyKey: 'kubernetes.io/hostname',
                whenUnsatisfiable: 'ScheduleAnyway',
                labelSelector: { matchLabels: labels },
              },
            ],
          }),
          volumes: [
            { name: 'config', configMap: { name, items: [{ key: 'nginx.conf', path: 'nginx.conf' }] } },
            { name: 'servers', configMap: { name, items: [{ key: 'default.conf', path: 'default.conf' }] } },
            { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
            ...(tls ? [{ name: 'tls', secret: { secretName: tls.secretName } }] : []),
          ],
        },
      },
    },
  }
}
