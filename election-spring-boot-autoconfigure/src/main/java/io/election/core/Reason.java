package io.election.core;

/**
 * Why a term ended.
 */
public enum Reason {

	/** The leader was asked to resign. */
	RESIGNED,

	/** The leader was stopped. */
	STOPPED,

	/** No renewal succeeded before the deadline. */
	EXPIRED,

	/** The record shows that the lease is no longer the leader's. */
	LOST,

	/** The leader was paused. */
	PAUSED,

	/** The leader's application is not fit to lead. */
	UNHEALTHY

}
