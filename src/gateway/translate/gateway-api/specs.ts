/** Specs of the Gateway API under their own names, as far as they are read here. */
import type { IBackendTLSPolicySpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/BackendTLSPolicySpec'
import type { IFrontendTLSValidation } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/FrontendTLSValidation'
import type { IGatewayClassSpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GatewayClassSpec'
import type { IGatewaySpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GatewaySpec'
import type { IGRPCRouteFilter } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GRPCRouteFilter'
import type { IGRPCRouteMatch } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GRPCRouteMatch'
import type { IGRPCRouteSpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/GRPCRouteSpec'
import type { IHTTPPathModifier } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPPathModifier'
import type { IHTTPRouteFilter } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRouteFilter'
import type { IHTTPRouteMatch } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRouteMatch'
import type { IHTTPRouteRule } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRouteRule'
import type { IHTTPRouteSpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/HTTPRouteSpec'
import type { IListener } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/Listener'
import type { IListenerSetSpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/ListenerSetSpec'
import type { IParentReference } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/ParentReference'
import type { IReferenceGrantSpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/ReferenceGrantSpec'
import type { IRouteGroupKind } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/RouteGroupKind'
import type { ITLSRouteSpec } from '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1/TLSRouteSpec'

export type BackendTlsPolicySpec = IBackendTLSPolicySpec
export type FrontendTlsValidation = IFrontendTLSValidation
export type GatewayClassSpec = IGatewayClassSpec
export type GatewaySpec = IGatewaySpec
export type GrpcRouteFilter = IGRPCRouteFilter
export type GrpcRouteMatch = IGRPCRouteMatch
export type GrpcRouteSpec = IGRPCRouteSpec
export type HttpPathModifier = IHTTPPathModifier
export type HttpRouteFilter = IHTTPRouteFilter
export type HttpRouteMatch = IHTTPRouteMatch
export type HttpRouteRule = IHTTPRouteRule
export type HttpRouteSpec = IHTTPRouteSpec
export type ListenerSpec = IListener
export type ListenerSetSpec = IListenerSetSpec
export type ParentReference = IParentReference
export type ReferenceGrantSpec = IReferenceGrantSpec
export type RouteGroupKind = IRouteGroupKind
/** TLSRoute, TCPRoute and UDPRoute; the last two have no hostnames */
export type StreamRouteSpec = ITLSRouteSpec

/** A reference as all of them are written; `namespace` may be missing in local ones. */
export interface Reference {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
  readonly name: string
  readonly port?: number
}

export const gatewayGroup = 'gateway.networking.k8s.io'
export const controllerName = 'slipway.dev/gateway-controller'
