/** What can be said of an nginx. Everything else of its objects is reached by overlays. */
import * as z from 'zod/mini'

const port = z.int().check(z.gte(1), z.lte(65_535))

export const nginxValues = z.strictObject({
  replicas: z
    ._default(z.int().check(z.gte(0), z.lte(1000)), 2)
    .check(z.describe('pods that serve; not looked at with autoscaling')),
  image: z.optional(z.string().check(z.minLength(1), z.describe('default: that of the package version'))),
  config: z.optional(
    z
      .string()
      .check(
        z.describe(
          'server blocks of nginx, listening on 8080 (and 8443 with tls); default: the files of the image',
        ),
      ),
  ),
  service: z._default(
    z.strictObject({
      type: z._default(z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']), 'ClusterIP'),
      port: z._default(port, 80),
    }),
    { type: 'ClusterIP', port: 80 },
  ),
  tls: z.optional(
    z
      .strictObject({ secretName: z.string().check(z.minLength(1)) })
      .check(z.describe('a Secret of type kubernetes.io/tls; served on port 443')),
  ),
  autoscaling: z.optional(
    z
      .strictObject({
        minReplicas: z._default(z.int().check(z.gte(1)), 2),
        maxReplicas: z.int().check(z.gte(1)),
        cpuPercent: z._default(z.int().check(z.gte(1), z.lte(100)), 80),
      })
      .check(
        z.refine(({ minReplicas, maxReplicas }) => minReplicas <= maxReplicas, {
          error: 'has a minReplicas above its maxReplicas',
        }),
      ),
  ),
  networkPolicy: z
    ._default(z.boolean(), false)
    .check(z.describe('only the ports of the service are let in, and nothing but name lookup out')),
})

export type NginxValues = z.infer<typeof nginxValues>
