/**
 * What a kubelet asks of containerd, over the Container Runtime Interface (runtime.v1): enough to look at an image and
 * run a pod of one container with it.
 */
import * as grpc from '@grpc/grpc-js'
import protobuf from 'protobufjs/light.js'

export interface Cri {
  /** tags and id of an image as a kubelet sees them; nothing when it would pull */
  readonly imageStatus: (image: string) => Promise<{ repoTags: string[]; id: string } | undefined>
  /**
   * Runs a pod in the network of the machine, with one container, until that has started.
   * Its output comes into `logs/log`.
   */
  readonly runPod: (options: PodOptions) => Promise<RunningPod>
  readonly close: () => void
}

export interface PodOptions {
  readonly name: string
  readonly image: string
  /** folder for the log */
  readonly logs: string
}

export interface RunningPod {
  /** exit code once the container has ended */
  readonly exitCode: () => Promise<number | undefined>
  readonly remove: () => Promise<void>
}

const text = (id: number) => ({ type: 'string', id })
const inside = (type: string, id: number) => ({ type, id })

const root = protobuf.Root.fromJSON({
  nested: {
    Empty: { fields: {} },
    Metadata: { fields: { name: text(1), uid: text(2), namespace: text(3) } },
    ContainerMetadata: { fields: { name: text(1) } },
    NamespaceOption: { fields: { network: inside('int32', 1) } },
    SecurityContext: { fields: { namespaceOptions: inside('NamespaceOption', 1) } },
    LinuxSandbox: { fields: { securityContext: inside('SecurityContext', 2) } },
    Sandbox: {
      fields: { metadata: inside('Metadata', 1), logDirectory: text(3), linux: inside('LinuxSandbox', 8) },
    },
    RunSandbox: { fields: { config: inside('Sandbox', 1) } },
    Id: { fields: { id: text(1) } },
    ImageSpec: { fields: { image: text(1) } },
    Container: {
      fields: { metadata: inside('ContainerMetadata', 1), image: inside('ImageSpec', 2), logPath: text(11) },
    },
    CreateContainer: {
      fields: { id: text(1), config: inside('Container', 2), sandboxConfig: inside('Sandbox', 3) },
    },
    StatusResponse: { fields: { status: inside('Status', 1) } },
    Status: { fields: { state: inside('int32', 3), exitCode: inside('int32', 7) } },
    ImageStatusRequest: { fields: { image: inside('ImageSpec', 1) } },
    ImageStatusResponse: { fields: { image: inside('Image', 1) } },
    Image: { fields: { id: text(1), repoTags: { rule: 'repeated', ...text(2) } } },
  },
})

/** ContainerState of the interface. */
const exited = 2
/** NamespaceMode of the interface: that of the node. */
const ofNode = 2

export function openCri(socket: string): Cri {
  const client = new grpc.Client(`unix:${socket}`, grpc.credentials.createInsecure())
  const call = <T>(method: string, [request, response]: [string, string], message: object): Promise<T> => {
    const [requestType, responseType] = [root.lookupType(request), root.lookupType(response)]
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/runtime.v1.${method}`,
        (value: object) => Buffer.from(requestType.encode(requestType.fromObject(value)).finish()),
        (bytes) => responseType.toObject(responseType.decode(bytes), { arrays: true }) as T,
        message,
        (error, value) => (error ? reject(error) : resolve(value!)),
      )
    })
  }
  return {
    async imageStatus(image) {
      const answer = await call<{ image?: { repoTags: string[]; id: string } }>(
        'ImageService/ImageStatus',
        ['ImageStatusRequest', 'ImageStatusResponse'],
        { image: { image } },
      )
      return answer.image
    },
    async runPod({ name, image, logs }) {
      const sandboxConfig = {
        metadata: { name, uid: name, namespace: 'default' },
        logDirectory: logs,
        linux: { securityContext: { namespaceOptions: { network: ofNode } } },
      }
      const pod = await call<{ id: string }>('RuntimeService/RunPodSandbox', ['RunSandbox', 'Id'], {
        config: sandboxConfig,
      })
      const remove = async () => {
        await call('RuntimeService/StopPodSandbox', ['Id', 'Empty'], pod)
        await call('RuntimeService/RemovePodSandbox', ['Id', 'Empty'], pod)
      }
      try {
        const config = { metadata: { name }, image: { image }, logPath: 'log' }
        const container = await call<{ id: string }>(
          'RuntimeService/CreateContainer',
          ['CreateContainer', 'Id'],
          {
            id: pod.id,
            config,
            sandboxConfig,
          },
        )
        await call('RuntimeService/StartContainer', ['Id', 'Empty'], container)
        return {
          async exitCode() {
            const answer = await call<{ status: { state?: number; exitCode?: number } }>(
              'RuntimeService/ContainerStatus',
              ['Id', 'StatusResponse'],
              container,
            )
            return answer.status.state === exited ? (answer.status.exitCode ?? 0) : undefined
          },
          remove,
        }
      } catch (error) {
        await remove()
        throw error
      }
    },
    close: () => client.close(),
  }
}
