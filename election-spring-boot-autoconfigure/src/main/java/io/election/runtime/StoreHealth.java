package io.election.runtime;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

import io.election.core.Timing;
import io.election.runtime.StoreWorker.Kind;
import io.election.store.UnusableBackendException;
import org.jspecify.annotations.Nullable;

/**
 * Whether the store answers what elections ask. {@link FailingKinds} tells how long an
 * outage lasts, {@link OutageLog} what is logged of it.
 */
final class StoreHealth {

	private final Clock clock;

	private final Duration requestTimeout;

	private final FailingKinds<Kind> failing;

	private final OutageLog log;

	/**
	 * Done with the first request that was answered, or that says that none will be: with
	 * what it said then.
	 */
	private final CompletableFuture<@Nullable String> contact = new CompletableFuture<>();

	private volatile @Nullable Outage outage;

	private volatile boolean answering = true;

	/** Creates the health of a store that was not called yet. */
	StoreHealth(String backend, ElectionSettings settings, LongSupplier ticks, Clock clock) {
		this.clock = clock;
		this.requestTimeout = settings.requestTimeout();
		// In two retry periods, everything that fails is tried again
		this.failing = new FailingKinds<>(Kind.class, ticks, settings.timing().retryPeriod().multipliedBy(2));
		this.log = new OutageLog(backend, ticks, settings.timing().leaseDuration());
	}

	/** The outage that lasts, {@code null} if there is none. */
	@Nullable Outage outage() {
		return this.outage;
	}

	/** Whether the latest call was answered. */
	boolean isAnswering() {
		return this.answering;
	}

	/**
	 * Called by the store's thread after every request of an election.
	 * @param took how long the request took
	 */
	void outcome(Kind kind, @Nullable Throwable failure, Duration took) {
		this.answering = failure == null;
		if (failure != null) {
			failed(kind, failure, took);
			return;
		}
		this.contact.complete(null);
		this.failing.succeeded(kind);
		if (!this.failing.isAny()) {
			this.outage = null;
			this.log.succeeded();
		}
	}

	private void failed(Kind kind, Throwable failure, Duration took) {
		this.failing.failed(kind);
		String message = message(failure) + limit(took);
		Outage before = this.outage;
		this.outage = new Outage(message, (before != null) ? before.since() : this.clock.instant());
		this.log.failed(failure, message);
		if (failure instanceof UnusableBackendException) {
			this.contact.complete(message);
		}
	}

	/** What fails after most of its time has failed for want of time. */
	private String limit(Duration took) {
		return (took.compareTo(this.requestTimeout.multipliedBy(4).dividedBy(5)) < 0) ? ""
				: " (no answer within " + Timing.show(this.requestTimeout) + ", 3/4 of election.retry-period)";
	}

	static String message(Throwable failure) {
		String message = failure.getMessage();
		return (message != null) ? message : failure.toString();
	}

	/**
	 * Waits for the first answer of the backend, on any thread.
	 * @param limit how long to wait at most
	 * @return {@code null} if there was one, else why there was none
	 */
	@Nullable String awaitContact(Duration limit) {
		try {
			return this.contact.get(limit.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return "Interrupted while waiting for the first answer";
		}
		catch (ExecutionException | TimeoutException ex) {
			Outage lasting = this.outage;
			return "No answer within " + Timing.show(limit) + ((lasting != null) ? ": " + lasting.message() : "");
		}
	}

	/**
	 * A time in which requests fail.
	 *
	 * @param message what the latest one failed with
	 * @param since when the first one failed
	 */
	record Outage(String message, Instant since) {
	}

}
