package io.election.runtime;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.election.core.Answer;
import io.election.core.Lease;
import io.election.core.LeaseRecord;
import io.election.core.Reason;
import io.election.core.Request;
import io.election.runtime.StoreWorker.Order;
import io.election.runtime.StoreWorker.Reply;
import io.election.store.Claim;
import io.election.store.Hint;
import io.election.store.LeaseStore;
import io.election.store.Registration;
import io.election.store.RosterEntry;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StoreWorkerTests {

	private final TestTime time = new TestTime();

	private final TestCandidacies candidacies = new TestCandidacies(this.time);

	private final ScriptedStore store = new ScriptedStore();

	private final BlockingQueue<List<Reply>> replies = new LinkedBlockingQueue<>();

	private final List<String> outcomes = new ArrayList<>();

	private final StoreWorker worker = new StoreWorker(this.store, this.time, this.replies::add, (kind, failure,
			took) -> this.outcomes.add(kind + " " + ((failure != null) ? failure.getMessage() : "answered")));

	@Test
	void whatKeepsALeaseComesBeforeEverythingElse() {
		this.worker.perform((called) -> called.candidates("x"), (answered) -> {
		});
		this.worker.send(queue(look("a"), acquire("b"), release("c"), renew("d"), look("e"), renew("f")));
		work();
		assertThat(this.store.calls).containsExactly("renew [d, f]", "release [c]", "acquire [b]", "read [a, e]",
				"candidates x");
	}

	@Test
	void renewalsPassBetweenTheBatchesOfOthers() {
		int batches = 3;
		this.worker.send(new ArrayDeque<>(looks(batches * StoreWorker.LARGEST_BATCH)));
		this.worker.nextWork().run();
		this.worker.send(queue(renew("a")));
		work();
		assertThat(this.store.kinds()).containsExactly("read", "renew", "read", "read");
	}

	@Test
	void renewalsOfMoreElectionsThanABatchHasAllComeFirst() {
		List<Order> renewals = IntStream.range(0, 2 * StoreWorker.LARGEST_BATCH)
			.mapToObj((i) -> renew("r" + i))
			.toList();
		this.worker.send(new ArrayDeque<>(looks(10)));
		this.worker.send(new ArrayDeque<>(renewals));
		work();
		assertThat(this.store.kinds()).containsExactly("renew", "renew", "read");
	}

	@Test
	void aThousandElectionsAreOneBatch() {
		this.worker.send(new ArrayDeque<>(looks(1000)));
		work();
		assertThat(this.store.kinds()).containsExactly("read");
	}

	@Test
	void aBatchHasAtMostOneOrderOfAnElection() {
		this.worker.send(queue(look("a"), look("b"), look("a"), look("c")));
		work();
		assertThat(this.store.calls).containsExactly("read [a, b]", "read [a, c]");
		assertThat(replies()).hasSize(4);
	}

	@Test
	void looksThatCandidatesHaveGivenUpAreNotCarriedOut() {
		Order givenUp = look("a");
		this.worker.send(queue(givenUp, renew("b"), acquire("c"), release("d")));
		this.time.advance(TestCandidacies.TIMING.retryPeriod().multipliedBy(2));
		this.worker.send(queue(look("a")));
		work();
		assertThat(this.store.calls).containsExactly("renew [b]", "release [d]", "acquire [c]", "read [a]");
		assertThat(replies()).contains(new Reply(givenUp, new Answer.Unknown(), false)).hasSize(5);
	}

	@Test
	void answersComeBackWithTheirOrders() {
		Order a = look("a");
		Order b = look("b");
		LeaseRecord vanished = new LeaseRecord.Vanished(7, Duration.ofSeconds(3));
		this.store.records = (election) -> election.equals("a") ? new LeaseRecord.Absent() : vanished;
		this.worker.send(queue(a, b));
		work();
		assertThat(replies()).containsExactly(new Reply(a, new Answer.Seen(new LeaseRecord.Absent()), true),
				new Reply(b, new Answer.Seen(vanished), true));
		assertThat(this.outcomes).containsExactly("LOOK answered");
	}

	@Test
	void anElectionThatIsMissingInAnAnswerIsUnknown() {
		Order a = renew("a");
		Order b = renew("b");
		Lease renewed = new Lease("b", "x", 1, 2);
		this.store.answers = (elections) -> Map.of("b", new Answer.Held(renewed));
		this.worker.send(queue(a, b));
		work();
		assertThat(replies()).containsExactly(new Reply(a, new Answer.Unknown(), true),
				new Reply(b, new Answer.Held(renewed), true));
		assertThat(this.outcomes).containsExactly("RENEW answered");
	}

	@Test
	void afterAnExceptionOrErrorNothingIsKnown() {
		for (Throwable thrown : List.of(new Exception("refused"), new IllegalStateException("closed"),
				new NoClassDefFoundError("driver"), new StackOverflowError("deep"))) {
			this.store.thrown = thrown;
			List<Order> orders = List.of(renew("a"), renew("b"));
			this.worker.send(new ArrayDeque<>(orders));
			work();
			assertThat(replies()).extracting(Reply::order).containsExactlyElementsOf(orders);
			assertThat(replies()).extracting(Reply::answer).containsOnly(new Answer.Unknown());
			this.replies.clear();
		}
		assertThat(this.outcomes).containsExactly("RENEW refused", "RENEW closed", "RENEW driver", "RENEW deep");
	}

	@Test
	void aStoreThatAnswersNothingAtAllHasFailed() {
		this.store.answers = (elections) -> null;
		Order order = renew("a");
		this.worker.send(queue(order));
		work();
		assertThat(replies()).containsExactly(new Reply(order, new Answer.Unknown(), true));
		assertThat(this.outcomes).containsExactly("RENEW no answers");
	}

	@Test
	void aTermThatEndedWhileItsRenewalWaitedIsNotRenewed() {
		Candidacy ended = this.candidacies.leading("a", 1);
		Order renewal = renew(ended, 1);
		this.worker.send(queue(renewal, renew("b")));
		this.candidacies.resign(ended);
		work();
		assertThat(this.store.calls).containsExactly("renew [b]");
	}

	@Test
	void anEarlierTermIsNotRenewedEither() {
		Candidacy leading = this.candidacies.leading("a", 2);
		this.worker.send(queue(renew(leading, 1)));
		work();
		assertThat(this.store.calls).isEmpty();
		assertThat(this.outcomes).isEmpty();
	}

	@Test
	void whoDoesNotCompeteAnyMoreDoesNotClaimAndLearnsThatItDidNot() {
		Candidacy paused = this.candidacies.claiming("a");
		Order claim = new Order(paused, this.candidacies.acquire(), TestCandidacies.TIMING);
		this.candidacies.become(paused,
				paused.standing().pause(TestCandidacies.TIMING, this.time.getAsLong(), Reason.PAUSED));
		this.worker.send(queue(claim));
		work();
		assertThat(this.store.calls).isEmpty();
		assertThat(replies()).containsExactly(new Reply(claim, new Answer.Unknown(), false));
	}

	@Test
	void whoIsGoneDoesNotLook() {
		Candidacy gone = this.candidacies.joined("a");
		Order look = new Order(gone, new Request.Look(this.time.getAsLong()), TestCandidacies.TIMING);
		this.candidacies.become(gone,
				gone.standing().stop(TestCandidacies.TIMING, this.time.getAsLong(), Duration.ZERO));
		this.worker.send(queue(look));
		work();
		assertThat(this.store.calls).isEmpty();
	}

	@Test
	void claimsTellWhatTheCandidateSaw() {
		Candidacy candidacy = this.candidacies.claiming("a");
		LeaseRecord seen = new LeaseRecord.Vanished(3, Duration.ZERO);
		this.worker.send(queue(new Order(candidacy, new Request.Acquire(0, seen, 9), TestCandidacies.TIMING)));
		work();
		assertThat(this.store.claims)
			.containsExactly(new Claim(candidacy.standing().self(), TestCandidacies.TIMING, seen, 9));
	}

	@Test
	void anActionTellsWhatItFailedWithAndIsNoRequestOfAnElection() {
		List<String> failures = new ArrayList<>();
		Consumer<Throwable> outcome = (failure) -> failures.add((failure != null) ? failure.getMessage() : "answered");
		this.worker.perform((called) -> called.candidates("a"), outcome);
		this.store.thrown = new LinkageError("no such method");
		this.worker.perform((called) -> called.candidates("a"), outcome);
		work(1);
		this.store.thrown = null;
		work();
		assertThat(failures).containsExactly("no such method", "answered");
		assertThat(this.outcomes).isEmpty();
	}

	@Test
	void anActionThatWasTakenBackIsNotCarriedOut() {
		Runnable action = this.worker.perform((called) -> called.candidates("a"), (answered) -> {
		});
		this.worker.withdraw(action);
		assertThat(this.worker.nextWork()).isNull();
	}

	@Test
	void tellsHowLongACallTakes() throws InterruptedException {
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch proceed = new CountDownLatch(1);
		this.worker.perform((called) -> {
			began.countDown();
			proceed.await();
		}, (answered) -> {
		});
		assertThat(this.worker.busyFor()).isZero();
		Thread thread = new Thread(this.worker::run);
		thread.start();
		began.await();
		this.time.advance(Duration.ofSeconds(4));
		assertThat(this.worker.busyFor()).isEqualTo(Duration.ofSeconds(4));
		assertThat(this.worker.isIdle()).isFalse();
		proceed.countDown();
		TestNode.await(this.worker::isIdle);
		assertThat(this.worker.busyFor()).isZero();
		end(thread);
	}

	@Test
	void neitherErrorsNorInterruptsEndTheWorkerAndACloseDoes() throws InterruptedException {
		StoreWorker unlucky = new StoreWorker(this.store, this.time, this.replies::add, (kind, failure, took) -> {
			throw new AssertionError("log appender");
		});
		Thread thread = new Thread(unlucky::run);
		thread.start();
		this.store.thrown = new OutOfMemoryError("driver");
		unlucky.send(queue(renew("a")));
		assertThat(this.replies.poll(10, TimeUnit.SECONDS)).extracting(Reply::answer)
			.containsExactly(new Answer.Unknown());
		thread.interrupt();
		this.store.thrown = null;
		unlucky.send(queue(renew("b")));
		assertThat(this.replies.poll(10, TimeUnit.SECONDS)).hasSize(1);
		unlucky.close();
		thread.join(TimeUnit.SECONDS.toMillis(10));
		assertThat(thread.isAlive()).isFalse();
	}

	@Test
	void anInterruptThatACallLeavesBehindDoesNotReachTheNextCall() throws InterruptedException {
		BlockingQueue<Boolean> interrupts = new LinkedBlockingQueue<>();
		Consumer<Throwable> nothing = (failure) -> {
		};
		this.worker.perform((called) -> Thread.currentThread().interrupt(), nothing);
		this.worker.perform((called) -> interrupts.add(Thread.currentThread().isInterrupted()), nothing);
		Thread thread = new Thread(this.worker::run);
		thread.start();
		assertThat(interrupts.poll(10, TimeUnit.SECONDS)).isFalse();
		end(thread);
	}

	@Test
	void aCloseEndsTheWorkerWithWorkStillWaiting() throws InterruptedException {
		this.worker.send(queue(renew("a")));
		this.worker.close();
		this.worker.run();
		assertThat(this.store.calls).isEmpty();
	}

	private static Queue<Order> queue(Order... orders) {
		return new ArrayDeque<>(List.of(orders));
	}

	private void end(Thread thread) throws InterruptedException {
		this.worker.close();
		thread.join(TimeUnit.SECONDS.toMillis(10));
		assertThat(thread.isAlive()).isFalse();
	}

	private void work() {
		work(Integer.MAX_VALUE);
	}

	private void work(int times) {
		Runnable work = this.worker.nextWork();
		for (int i = 1; work != null; i++) {
			work.run();
			work = (i < times) ? this.worker.nextWork() : null;
		}
	}

	private List<Reply> replies() {
		return this.replies.stream().flatMap(List::stream).toList();
	}

	private List<Order> looks(int count) {
		return IntStream.range(0, count).mapToObj((i) -> look("l" + i)).toList();
	}

	private Order look(String name) {
		return new Order(this.candidacies.joined(name), new Request.Look(this.time.getAsLong()),
				TestCandidacies.TIMING);
	}

	private Order acquire(String name) {
		return new Order(this.candidacies.claiming(name), this.candidacies.acquire(), TestCandidacies.TIMING);
	}

	private Order renew(String name) {
		return renew(this.candidacies.leading(name, 1), 1);
	}

	private Order renew(Candidacy candidacy, long term) {
		return new Order(candidacy, new Request.Renew(this.time.getAsLong(), new Lease(candidacy.name(), "x", term, 1)),
				TestCandidacies.TIMING);
	}

	private Order release(String name) {
		return new Order(this.candidacies.joined(name),
				new Request.Release(this.time.getAsLong(), new Lease(name, "x", 1, 1)), TestCandidacies.TIMING);
	}

	/** Answers as it is told, and remembers what it was asked. */
	private static final class ScriptedStore implements LeaseStore {

		private final List<String> calls = new ArrayList<>();

		private final List<Claim> claims = new ArrayList<>();

		private volatile Throwable thrown;

		private Function<String, LeaseRecord> records = (election) -> new LeaseRecord.Absent();

		private Function<List<String>, Map<String, Answer>> answers = (elections) -> elections.stream()
			.collect(Collectors.toMap((election) -> election, (election) -> new Answer.Busy()));

		List<String> kinds() {
			return this.calls.stream().map((call) -> call.substring(0, call.indexOf(' '))).toList();
		}

		@Override
		public Map<String, LeaseRecord> read(Collection<String> elections) throws Exception {
			called("read " + elections);
			return elections.stream().collect(Collectors.toMap((election) -> election, this.records));
		}

		@Override
		public Map<String, Answer> acquire(List<Claim> claims) throws Exception {
			this.claims.addAll(claims);
			return answer("acquire", claims.stream().map(Claim::election).toList());
		}

		@Override
		public Map<String, Answer> renew(List<Lease> leases) throws Exception {
			return answer("renew", leases.stream().map(Lease::election).toList());
		}

		@Override
		public Map<String, Answer> release(List<Lease> leases) throws Exception {
			return answer("release", leases.stream().map(Lease::election).toList());
		}

		private Map<String, Answer> answer(String kind, List<String> elections) throws Exception {
			called(kind + " " + elections);
			return this.answers.apply(elections);
		}

		@Override
		public boolean watch(Consumer<Hint> hints) {
			return false;
		}

		@Override
		public void register(Registration registration) throws Exception {
			called("register " + registration.elections());
		}

		@Override
		public void unregister(Registration registration) throws Exception {
			called("unregister " + registration.elections());
		}

		@Override
		public List<RosterEntry> candidates(String election) throws Exception {
			called("candidates " + election);
			return List.of();
		}

		private void called(String call) throws Exception {
			this.calls.add(call);
			if (this.thrown instanceof Error error) {
				throw error;
			}
			if (this.thrown instanceof Exception exception) {
				throw exception;
			}
		}

		@Override
		public void close() {
		}

	}

}
