package io.election.runtime;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Whether the list of candidates can be written and read. Elections go on without it, so
 * that its failures are a warning and never an outage. Where elections fail as well, they
 * are not reported.
 */
final class RosterHealth {

	private final BooleanSupplier outage;

	private final Duration patience;

	private final FailingKinds<Use> failing;

	private volatile @Nullable String warning;

	/**
	 * Creates the health of a roster that was not used yet.
	 * @param outage whether there is an outage of elections
	 * @param patience time for which the list may fail without a warning
	 */
	RosterHealth(BooleanSupplier outage, LongSupplier ticks, Duration patience) {
		this.outage = outage;
		this.patience = patience;
		this.failing = new FailingKinds<>(Use.class, ticks, patience.multipliedBy(2));
	}

	/** What is wrong, as a sentence; {@code null} if nothing is. */
	@Nullable String warning() {
		return this.warning;
	}

	/** Called by the store's thread after every use of the roster. */
	void outcome(Use use, @Nullable Throwable failure) {
		if (failure == null) {
			this.failing.succeeded(use);
		}
		else if (this.outage.getAsBoolean()) {
			this.failing.forget();
		}
		else {
			this.failing.failed(use);
			ElectionLog.LOGGER.debug("The list of candidates failed", failure);
		}
		String before = this.warning;
		if (!this.failing.isAny()) {
			this.warning = null;
			if (before != null) {
				ElectionLog.LOGGER.info("The list of candidates is complete again");
			}
		}
		else if (failure != null && (before != null || this.failing.duration().compareTo(this.patience) >= 0)) {
			this.warning = "The list of candidates cannot be " + ((use == Use.WRITE) ? "written" : "read")
					+ ", elections go on without it: " + StoreHealth.message(failure);
			if (before == null) {
				ElectionLog.LOGGER.warn(this.warning);
			}
		}
	}

	/** What the roster is used for. */
	enum Use {

		WRITE, READ

	}

}
