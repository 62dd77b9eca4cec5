package io.election.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SerialQueueTests {

	private final ExecutorService pool = Executors.newFixedThreadPool(4);

	private final SerialQueue queue = new SerialQueue(this.pool);

	private final List<String> done = Collections.synchronizedList(new ArrayList<>());

	@AfterEach
	void shutdown() throws InterruptedException {
		this.pool.shutdown();
		assertThat(this.pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void tasksRunOneByOneInTheOrderInWhichTheyWereAdded() {
		List<Integer> order = new ArrayList<>(); // not synchronized: the queue must be
		for (int i = 0; i < 100_000; i++) {
			int task = i;
			this.queue.add(() -> order.add(task));
		}
		finish(this.queue);
		assertThat(order).hasSize(100_000).isSorted();
	}

	@Test
	void tasksOfManyThreadsRunOneByOne() throws Exception {
		int threads = 4;
		CyclicBarrier together = new CyclicBarrier(threads);
		int[] count = new int[1]; // likewise
		List<Thread> adding = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			Thread thread = new Thread(() -> {
				await(together);
				for (int task = 0; task < 20_000; task++) {
					this.queue.add(() -> count[0]++);
				}
			});
			thread.start();
			adding.add(thread);
		}
		for (Thread thread : adding) {
			thread.join();
		}
		finish(this.queue);
		assertThat(count[0]).isEqualTo(threads * 20_000);
	}

	@Test
	void aTaskThatBlocksHoldsUpItsOwnQueueOnly() {
		CountDownLatch unblock = new CountDownLatch(1);
		this.queue.add(() -> await(unblock));
		this.queue.add(() -> this.done.add("behind"));
		SerialQueue other = new SerialQueue(this.pool);
		finish(other);
		assertThat(this.done).isEmpty();
		unblock.countDown();
		finish(this.queue);
		assertThat(this.done).containsExactly("behind");
	}

	@Test
	void whatATaskThrowsDoesNotCostTheNext() {
		this.queue.add(() -> {
			throw new IllegalStateException("listener");
		});
		this.queue.add(() -> this.done.add("next"));
		finish(this.queue);
		assertThat(this.done).containsExactly("next");
	}

	@Test
	void aTaskThatFailsWithAnErrorRunsAgainBeforeTheNext() {
		AtomicInteger failures = new AtomicInteger();
		this.queue.add(() -> {
			if (failures.getAndIncrement() < 3) {
				throw new OutOfMemoryError("test");
			}
			this.done.add("again, failing with " + this.queue.failure());
		});
		this.queue.add(() -> this.done.add("next"));
		finish(this.queue);
		assertThat(this.done).containsExactly("again, failing with java.lang.OutOfMemoryError: test", "next");
		assertThat(this.queue.failure()).isNull();
	}

	@Test
	void aTaskForWhichThereWasNoThreadRunsWhenItIsAskedForAgain() {
		AtomicBoolean poor = new AtomicBoolean(true);
		SerialQueue waiting = new SerialQueue((task) -> {
			if (poor.get()) {
				throw new OutOfMemoryError("test");
			}
			task.run();
		});
		waiting.add(() -> this.done.add("1"));
		assertThat(waiting.isActive()).isTrue();
		poor.set(false);
		waiting.resume();
		assertThat(this.done).containsExactly("1");
		assertThat(waiting.isActive()).isFalse();
	}

	@Test
	void anInterruptOfATaskDoesNotReachTheNext() {
		this.queue.add(() -> Thread.currentThread().interrupt());
		this.queue.add(() -> this.done.add("interrupted: " + Thread.currentThread().isInterrupted()));
		finish(this.queue);
		assertThat(this.done).containsExactly("interrupted: false");
	}

	@Test
	void closingDropsWhatHasNotBegun() {
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch unblock = new CountDownLatch(1);
		CountDownLatch finished = new CountDownLatch(1);
		this.queue.add(() -> {
			began.countDown();
			await(unblock);
			finished.countDown();
		});
		this.queue.add(() -> this.done.add("dropped"));
		await(began);
		this.queue.close();
		this.queue.add(() -> this.done.add("late"));
		unblock.countDown();
		await(finished);
		assertThat(this.done).isEmpty();
	}

	@Test
	void aTaskRunsWhatWaitsBehindItInsideOfIt() {
		CountDownLatch queued = new CountDownLatch(1);
		this.queue.add(() -> {
			await(queued);
			this.done.add("outer begins");
			SerialQueue.runNested(this.pool);
			this.done.add("outer ends");
		});
		Thread[] threads = new Thread[2];
		this.queue.add(() -> {
			threads[0] = Thread.currentThread();
			this.done.add("1");
		});
		this.queue.add(() -> {
			threads[1] = Thread.currentThread();
			this.done.add("2");
		});
		queued.countDown();
		finish(this.queue);
		assertThat(this.done).startsWith("outer begins", "1", "2");
		assertThat(threads[0]).isSameAs(threads[1]);
	}

	@Test
	void whatComesAfterANestedRunDoesNotWaitForTheTaskThatAskedForIt() {
		CountDownLatch nested = new CountDownLatch(1);
		CountDownLatch unblock = new CountDownLatch(1);
		CountDownLatch ended = new CountDownLatch(1);
		this.queue.add(() -> {
			SerialQueue.runNested(this.pool);
			nested.countDown();
			await(unblock);
			this.done.add("outer ends");
			ended.countDown();
		});
		await(nested);
		this.queue.add(() -> this.done.add("later"));
		finish(this.queue);
		assertThat(this.done).containsExactly("later");
		unblock.countDown();
		await(ended);
		finish(this.queue);
		assertThat(this.done).containsExactly("later", "outer ends");
	}

	@Test
	void aTaskThatHadOthersRunNestedDoesNotRunWhatComesLaterWhenItEnds() {
		Deque<Runnable> threads = new ArrayDeque<>();
		Executor byHand = threads::add;
		SerialQueue other = new SerialQueue(byHand);
		other.add(() -> {
			SerialQueue.runNested(byHand);
			other.add(() -> this.done.add("later"));
		});
		threads.remove().run();
		assertThat(this.done).isEmpty();
		threads.remove().run();
		assertThat(this.done).containsExactly("later");
		assertThat(threads).isEmpty();
	}

	@Test
	void nestedRunsMayBeNestedThemselves() {
		CountDownLatch queued = new CountDownLatch(1);
		CountDownLatch ended = new CountDownLatch(1);
		this.queue.add(() -> {
			await(queued);
			SerialQueue.runNested(this.pool);
			this.done.add("outer ends");
			ended.countDown();
		});
		this.queue.add(() -> {
			SerialQueue.runNested(this.pool);
			this.done.add("inner ends");
		});
		this.queue.add(() -> this.done.add("innermost"));
		queued.countDown();
		await(ended);
		assertThat(this.done).containsExactly("innermost", "inner ends", "outer ends");
		this.queue.add(() -> this.done.add("later"));
		finish(this.queue);
		assertThat(this.done).endsWith("outer ends", "later");
	}

	@Test
	void nothingIsRunNestedOnThreadsOfOtherPoolsOrNone() {
		CountDownLatch unblock = new CountDownLatch(1);
		CountDownLatch checked = new CountDownLatch(1);
		ExecutorService other = Executors.newSingleThreadExecutor();
		this.queue.add(() -> {
			await(unblock);
			SerialQueue.runNested(other);
			this.done.add("outer ends");
			checked.countDown();
		});
		this.queue.add(() -> this.done.add("behind"));
		SerialQueue.runNested(this.pool);
		assertThat(this.done).isEmpty();
		unblock.countDown();
		await(checked);
		finish(this.queue);
		assertThat(this.done).containsExactly("outer ends", "behind");
		other.shutdown();
	}

	private static void finish(SerialQueue queue) {
		CountDownLatch finished = new CountDownLatch(1);
		queue.add(finished::countDown);
		await(finished);
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(20, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
