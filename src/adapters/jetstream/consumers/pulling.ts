/**
 * How a consumer asks for messages. The client notices that nobody serves its request after two heartbeats, and when its
 * look after a reconnect finds no leader it looks again after about `expires`: with its own defaults (15 and 30 s) a
 * projection stood still for a minute after a nats-server had hung.
 */
import { limits } from '../../../domain/limits.ts';

export const pulling = {
  expires: limits.consumerPullMs,
  idle_heartbeat: limits.consumerHeartbeatMs,
} as const;
