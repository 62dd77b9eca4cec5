package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Self;
import io.election.core.Timing;
import io.election.store.Backend;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import io.election.store.memory.MemoryBackend;
import org.jspecify.annotations.Nullable;

/**
 * The memory backend, which fails, hangs and lies when a test says so, and remembers what
 * it was asked.
 */
final class TestBackend implements Backend {

	private final TestTime time;

	private volatile MemoryBackend memory;

	/** Every call to any store, such as {@code renew [a, b]}. */
	final List<String> calls = new CopyOnWriteArrayList<>();

	final AtomicInteger opened = new AtomicInteger();

	final AtomicInteger closed = new AtomicInteger();

	/** What a call throws instead of being carried out. */
	volatile Function<String, @Nullable Throwable> failures = (call) -> null;

	/** What a call throws after it was carried out. */
	volatile Function<String, @Nullable Throwable> lostAnswers = (call) -> null;

	/** Whether hints are given. */
	volatile boolean hints = true;

	/** How often rosters are written. */
	volatile Duration registrationPeriod = TestNode.TIMING.leaseDuration();

	/** What becomes of answers. */
	volatile Function<Map<String, Answer>, Map<String, Answer>> answers = (given) -> given;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition proceed = this.lock.newCondition();

	private Predicate<String> hanging = (call) -> false;

	private int hung;

	TestBackend(TestTime time) {
		this.time = time;
		this.memory = new MemoryBackend(time);
	}

	/** Another way to the data of a backend, with faults of its own. */
	TestBackend(TestBackend other) {
		this.time = other.time;
		this.memory = other.memory;
	}

	/** Loses all data; stores that are open keep theirs. */
	void forget() {
		this.memory = new MemoryBackend(this.time);
	}

	@Override
	public String name() {
		return "test";
	}

	@Override
	public void checkName(String election) {
		this.memory.checkName(election);
	}

	@Override
	public Duration registrationPeriod(Timing timing) {
		return this.registrationPeriod;
	}

	@Override
	public LeaseStore open(Duration requestTimeout) {
		this.opened.incrementAndGet();
		return new TestStore(this.memory.open(requestTimeout));
	}

	/** The record as it is. */
	LeaseRecord record(String election) {
		try (LeaseStore store = this.memory.open(Duration.ofSeconds(1))) {
			return store.read(List.of(election)).get(election);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** A stranger takes the lease of an election, whoever has it. */
	Lease steal(String election) {
		Self stranger = new Self(election, "nonce of a stranger", "stranger", Map.of());
		try (LeaseStore store = this.memory.open(Duration.ofSeconds(1))) {
			Claim claim = new Claim(stranger, TestNode.TIMING, record(election), 0);
			return ((Answer.Held) store.acquire(List.of(claim)).get(election)).lease();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** From now on, every call fails. */
	void fail(@Nullable Throwable failure) {
		this.failures = (call) -> failure;
	}

	/** From now on, such calls do not return before {@link #proceed} or a close. */
	void hang(Predicate<String> hanging) {
		this.lock.lock();
		try {
			this.hanging = hanging;
		}
		finally {
			this.lock.unlock();
		}
	}

	void proceed() {
		this.lock.lock();
		try {
			this.hanging = (call) -> false;
			this.proceed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** How many calls hang. */
	int hung() {
		this.lock.lock();
		try {
			return this.hung;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** How many calls there were of the given kind. */
	long count(String kind) {
		return this.calls.stream().filter((call) -> call.startsWith(kind + " ")).count();
	}

	private final class TestStore implements LeaseStore {

		private final LeaseStore delegate;

		private volatile boolean isClosed;

		TestStore(LeaseStore delegate) {
			this.delegate = delegate;
		}

		@Override
		public Map<String, LeaseRecord> read(Collection<String> elections) throws Exception {
			return call("read " + elections, () -> this.delegate.read(elections));
		}

		@Override
		public Map<String, Answer> acquire(List<Claim> claims) throws Exception {
			return call("acquire " + claims.stream().map(Claim::election).toList(),
					() -> TestBackend.this.answers.apply(this.delegate.acquire(claims)));
		}

		@Override
		public Map<String, Answer> renew(List<Lease> leases) throws Exception {
			return call("renew " + leases.stream().map(Lease::election).toList(),
					() -> TestBackend.this.answers.apply(this.delegate.renew(leases)));
		}

		@Override
		public Map<String, Answer> release(List<Lease> leases) throws Exception {
			return call("release " + leases.stream().map(Lease::election).toList(),
					() -> TestBackend.this.answers.apply(this.delegate.release(leases)));
		}

		@Override
		public boolean watch(Consumer<Hint> hints) throws Exception {
			return TestBackend.this.hints && this.delegate.watch(hints);
		}

		@Override
		public void register(Registration registration) throws Exception {
			call("register " + sorted(registration), () -> {
				this.delegate.register(registration);
				return "";
			});
		}

		@Override
		public void unregister(Registration registration) throws Exception {
			call("unregister " + sorted(registration), () -> {
				this.delegate.unregister(registration);
				return "";
			});
		}

		@Override
		public List<RosterEntry> candidates(String election) throws Exception {
			return call("candidates " + election, () -> this.delegate.candidates(election));
		}

		@Override
		public void close() {
			this.isClosed = true;
			TestBackend.this.closed.incrementAndGet();
			TestBackend.this.lock.lock();
			try {
				TestBackend.this.proceed.signalAll();
			}
			finally {
				TestBackend.this.lock.unlock();
			}
			this.delegate.close();
		}

		private <T> T call(String call, Call<T> carriedOut) throws Exception {
			TestBackend.this.calls.add(call);
			hangIfAsked(call);
			fail(TestBackend.this.failures.apply(call));
			T answer = carriedOut.answer();
			fail(TestBackend.this.lostAnswers.apply(call));
			return answer;
		}

		private static void fail(@Nullable Throwable failure) throws Exception {
			if (failure instanceof Error error) {
				throw error;
			}
			if (failure instanceof Exception exception) {
				throw exception;
			}
		}

		private void hangIfAsked(String call) {
			TestBackend.this.lock.lock();
			try {
				while (TestBackend.this.hanging.test(call) && !this.isClosed) {
					TestBackend.this.hung++;
					TestBackend.this.proceed.awaitUninterruptibly();
					TestBackend.this.hung--;
				}
			}
			finally {
				TestBackend.this.lock.unlock();
			}
		}

		private static List<String> sorted(Registration registration) {
			List<String> elections = new ArrayList<>(registration.elections());
			elections.sort(null);
			return elections;
		}

	}

	private interface Call<T> {

		T answer() throws Exception;

	}

}
