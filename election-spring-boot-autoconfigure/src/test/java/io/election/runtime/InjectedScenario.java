package io.election.runtime;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import io.election.ElectionObserver;
import io.election.ElectionReport;
import io.election.ElectionState;
import io.election.LeaderElection;
import io.election.Leadership;
import io.election.LeadershipGrantedEvent;
import io.election.LeadershipListener;
import io.election.LeadershipRevokedEvent;
import io.election.RevocationReason;
import io.election.Subscription;
import io.election.injection.Injection;
import io.election.store.LeaseStore;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.test.util.ReflectionTestUtils;

/**
 * Elections to which everything happens that can, again and again until no site is left
 * that throws. Loaded by a class loader that puts sites into them.
 */
public final class InjectedScenario implements Callable<String>, ApplicationEventPublisher {

	private static final Duration STEP = Duration.ofSeconds(1);

	private static final Duration BOUND = TestNode.TIMING.leaseDuration()
		.plus(TestNode.TIMING.retryPeriod().multipliedBy(2));

	/** More than one, since which sites are reached depends on threads. */
	private static final int MOST_ROUNDS = 20;

	/**
	 * For a machine so busy that its threads fall behind the time that is made to pass.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	private final Injection injection = Injection.current();

	private final TestTime time = new TestTime();

	private final TestBackend backend = new TestBackend(this.time);

	private final DefaultLeaderElections elections = new DefaultLeaderElections(
			TestNode.settings("node", TestNode.STOP_TIMEOUT, "a"), this.backend, this,
			() -> List.of(new ElectionObserver() {
			}), this.time, this.time);

	private final LeaderElection election = this.elections.get("a");

	/** Tokens that were granted and not revoked, and to the subscriber likewise. */
	private final Set<Long> granted = Collections.synchronizedSet(new LinkedHashSet<>());

	private final Set<Long> toldSubscriber = Collections.synchronizedSet(new LinkedHashSet<>());

	private final ConcurrentLinkedQueue<String> wrongs = new ConcurrentLinkedQueue<>();

	private ElectionSession session;

	private SerialLoop loop;

	private StoreWorker worker;

	private volatile boolean failing;

	/** What listeners wait for. */
	private volatile CountDownLatch listener = new CountDownLatch(0);

	@Override
	public String call() {
		this.election.subscribe(new LeadershipListener() {

			@Override
			public void onGranted(Leadership leadership) {
				InjectedScenario.this.toldSubscriber.add(leadership.fencingToken());
			}

			@Override
			public void onRevoked(Leadership leadership, RevocationReason reason) {
				InjectedScenario.this.toldSubscriber.remove(leadership.fencingToken());
			}

		});
		this.elections.start();
		passUntil(this.election::isLeader);
		List<Runnable> acts = List.of(() -> pass(TestNode.TIMING.retryPeriod()), this::resign, this::pause, this::unfit,
				() -> fail("renew"), () -> loseAnswer("renew"), () -> loseAnswer("acquire"), () -> fail("register"),
				() -> fail("unregister", this::joinAndLeave), this::expire, this::steal, this::failListener,
				this::joinAndLeave, this::subscribe, this::candidates, this::hint, this::restart,
				this::restartBehindListener);
		for (int round = 0; round < MOST_ROUNDS && (round == 0 || !this.injection.missed().isEmpty()); round++) {
			for (Runnable act : acts) {
				while (isThrownIn(act) && this.wrongs.size() < 20) {
					// until all sites on its way have thrown
				}
			}
		}
		this.elections.stop(() -> {
		});
		return String.join("\n", this.wrongs);
	}

	private boolean isThrownIn(Runnable act) {
		this.injection.arm();
		act.run();
		boolean thrown = this.injection.disarm();
		verify(thrown ? this.injection.latest() : "nothing");
		return thrown;
	}

	private void verify(String thrown) {
		if (!passUntil(() -> this.election.isLeader() && isFine(), PATIENCE)) {
			this.wrongs.add(thrown + ": leader " + this.election.isLeader() + " token " + token() + ", granted "
					+ this.granted + ", subscriber " + this.toldSubscriber + ", " + this.elections.report("a"));
			this.elections.stop(() -> {
			});
			pass(TestNode.STOP_TIMEOUT);
			this.granted.clear();
			this.toldSubscriber.clear();
			this.elections.start();
			passUntil(this.election::isLeader);
		}
	}

	private boolean isFine() {
		ElectionReport report = this.elections.report("a");
		return report.state() == ElectionState.LEADER && report.lastError() == null && report.warnings().isEmpty()
				&& report.leadership() != null && report.validFor() != null && this.granted.equals(Set.of(token()))
				&& this.toldSubscriber.equals(Set.of(token()));
	}

	private long token() {
		return this.election.leadership().map(Leadership::fencingToken).orElse(0L);
	}

	private void resign() {
		command(() -> this.election.resign(Duration.ofSeconds(1)));
		passUntil(this.election::isLeader);
	}

	private void pause() {
		command(() -> this.election.pause());
		pass(STEP);
		command(() -> this.election.resume());
		passUntil(this.election::isLeader);
	}

	private void unfit() {
		command(() -> this.elections.unfit());
		pass(STEP);
		command(() -> this.elections.fit(STEP, Duration.ofDays(365)));
		passUntil(this.election::isLeader);
	}

	private void fail(String kind) {
		fail(kind, () -> pass(TestNode.TIMING.retryPeriod()));
	}

	private void fail(String kind, Runnable meanwhile) {
		this.backend.failures = (call) -> call.startsWith(kind) ? new IllegalStateException("test") : null;
		meanwhile.run();
		this.backend.failures = (call) -> null;
		pass(TestNode.TIMING.retryPeriod().multipliedBy(2));
	}

	private void loseAnswer(String kind) {
		this.backend.lostAnswers = (call) -> call.startsWith(kind) ? new IllegalStateException("test") : null;
		command(() -> this.election.resign(Duration.ZERO));
		pass(TestNode.TIMING.retryPeriod());
		this.backend.lostAnswers = (call) -> null;
		passUntil(this.election::isLeader);
	}

	private void expire() {
		this.backend.fail(new OutOfMemoryError("test"));
		pass(TestNode.TIMING.renewDeadline());
		this.backend.fail(null);
		passUntil(this.election::isLeader);
	}

	private void steal() {
		this.backend.steal("a");
		pass(TestNode.TIMING.retryPeriod());
		passUntil(this.election::isLeader);
	}

	private void failListener() {
		this.failing = true;
		resign();
		this.failing = false;
		resign(); // and the warning is gone
	}

	private void joinAndLeave() {
		this.elections.join("b");
		pass(STEP);
		command(() -> this.elections.leave("b"));
		this.elections.join("b");
		pass(STEP);
		command(() -> this.elections.leave("b"));
		pass(STEP);
	}

	private void subscribe() {
		Subscription subscription = this.election.subscribe(new LeadershipListener() {
		});
		pass(STEP);
		subscription.close();
	}

	private void candidates() {
		command(this.election::candidates);
		command(this.election::candidates); // and the warning is gone
	}

	private void hint() {
		try (LeaseStore store = this.backend.open(Duration.ofSeconds(1))) {
			command(() -> this.election.pause());
			pass(STEP);
			this.backend.steal("a");
			pass(STEP);
			command(() -> this.election.resume());
			pass(STEP);
		}
		passUntil(this.election::isLeader);
	}

	private void restart() {
		restart(() -> {
		});
	}

	private void restart(Runnable meanwhile) {
		CountDownLatch stopped = new CountDownLatch(1);
		ElectionSession former = this.elections.session();
		command(() -> this.elections.stop(stopped::countDown));
		this.elections.start();
		meanwhile.run();
		if (!passUntil(() -> former.nudge() && stopped.getCount() == 0, PATIENCE)) {
			this.wrongs.add(this.injection.latest() + ": a stop does not call back");
		}
		passUntil(this.election::isLeader);
	}

	private void restartBehindListener() {
		CountDownLatch held = new CountDownLatch(1);
		this.listener = held;
		restart(() -> {
			step();
			held.countDown();
		});
	}

	/** Lets time pass while a caller waits. */
	private void command(Runnable call) {
		Thread caller = new Thread(call);
		caller.start();
		while (caller.isAlive()) {
			step();
		}
	}

	private void pass(Duration duration) {
		for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(STEP)) {
			step();
		}
	}

	private boolean passUntil(BooleanSupplier condition) {
		return passUntil(condition, Duration.ZERO);
	}

	private boolean passUntil(BooleanSupplier condition, Duration patience) {
		long giveUpAt = System.nanoTime() + patience.toNanos();
		for (Duration passed = Duration.ZERO; passed.compareTo(BOUND) < 0
				|| System.nanoTime() < giveUpAt; passed = passed.plus(STEP)) {
			if (condition.getAsBoolean()) {
				return true;
			}
			step();
		}
		return condition.getAsBoolean();
	}

	/** Lets time pass, and then what is to be done, if it does not take too long. */
	private void step() {
		this.time.advance(STEP);
		ElectionSession present = this.elections.session();
		if (this.session != present) {
			this.session = present;
			this.loop = (SerialLoop) ReflectionTestUtils.getField(present, "loop");
			this.worker = (StoreWorker) ReflectionTestUtils.getField(present, "worker");
		}
		CountDownLatch turned = new CountDownLatch(2);
		this.loop.submit(turned::countDown);
		long giveUpAt = System.nanoTime() + Duration.ofMillis(10).toNanos();
		boolean quiet = false;
		int seen = 0;
		while (seen < 3 && System.nanoTime() < giveUpAt) {
			quiet = turned.getCount() < 2 && this.worker.isIdle() && !this.elections.isListening();
			if (quiet && turned.getCount() == 1 && seen == 0) {
				this.loop.submit(turned::countDown);
				seen = 1;
			}
			else if (quiet && turned.getCount() == 0) {
				seen++;
			}
			if (!quiet) {
				LockSupport.parkNanos(10_000);
			}
		}
	}

	@Override
	public void publishEvent(Object event) {
		if (event instanceof LeadershipGrantedEvent began && began.getElection().equals("a")) {
			if (!this.granted.isEmpty()) {
				this.wrongs
					.add(this.injection.latest() + ": granted " + began.getFencingToken() + " after " + this.granted);
			}
			this.granted.add(began.getFencingToken());
		}
		if (event instanceof LeadershipRevokedEvent ended && ended.getElection().equals("a")) {
			TestNode.await(this.listener);
			this.granted.remove(ended.getFencingToken());
		}
		if (this.failing) {
			throw new IllegalStateException("test");
		}
	}

}
