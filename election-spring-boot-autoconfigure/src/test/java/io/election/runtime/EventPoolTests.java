package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class EventPoolTests {

	private static final Duration PATIENCE = Duration.ofNanos(EventPool.PATIENCE_NANOS);

	private final TestTime time = new TestTime();

	private final AtomicInteger threads = new AtomicInteger();

	private final EventPool pool = new EventPool(this.time, (task) -> new Thread(() -> {
		this.threads.incrementAndGet();
		try {
			task.run();
		}
		finally {
			this.threads.decrementAndGet();
		}
	}));

	private final Semaphore blocked = new Semaphore(0);

	private final CountDownLatch unblock = new CountDownLatch(1);

	@AfterEach
	void close() {
		this.unblock.countDown();
		this.pool.close();
		Awaitility.await().until(() -> this.threads.get() == 0);
	}

	@Test
	void aFewThreadsServeManyTasks() throws InterruptedException {
		int tasks = 1000;
		CountDownLatch done = new CountDownLatch(tasks);
		List<Integer> counts = new ArrayList<>();
		for (int i = 0; i < tasks; i++) {
			this.pool.execute(() -> {
				synchronized (counts) {
					counts.add(this.threads.get());
				}
				done.countDown();
			});
		}
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(counts).allMatch((count) -> count <= EventPool.FEW);
		assertThat(this.pool.isBehind()).isFalse();
	}

	@Test
	void tasksWaitWhileAllThreadsAreBusyForAShortTime() throws InterruptedException {
		block(EventPool.FEW);
		CountDownLatch done = new CountDownLatch(1);
		this.pool.execute(done::countDown);
		this.time.advance(PATIENCE.minusNanos(1));
		this.pool.relieve();
		assertThat(this.pool.isBehind()).isTrue();
		assertThat(done.getCount()).isEqualTo(1);
		this.time.advance(Duration.ofNanos(1));
		this.pool.relieve();
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aTaskDoesNotWaitForTasksThatHaveBeenBlockedForLong() throws InterruptedException {
		for (int i = 0; i < 10; i++) {
			block(EventPool.FEW);
			this.time.advance(PATIENCE);
			CountDownLatch done = new CountDownLatch(1);
			this.pool.execute(done::countDown);
			assertThat(done.await(10, TimeUnit.SECONDS)).as("with %d threads blocked", (i + 1) * EventPool.FEW)
				.isTrue();
		}
	}

	@Test
	void thereIsALimit() throws InterruptedException {
		while (this.threads.get() < EventPool.MANY) {
			block(EventPool.FEW);
			this.time.advance(PATIENCE);
		}
		CountDownLatch done = new CountDownLatch(1);
		this.pool.execute(done::countDown);
		this.time.advance(PATIENCE);
		this.pool.relieve();
		assertThat(this.pool.isBehind()).isTrue();
		assertThat(this.threads).hasValue(EventPool.MANY);
		this.unblock.countDown();
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void threadsEndWhenTheyAreNotNeededAnyMore() throws InterruptedException {
		block(EventPool.FEW);
		this.time.advance(PATIENCE);
		block(EventPool.FEW);
		assertThat(this.threads).hasValue(2 * EventPool.FEW);
		this.unblock.countDown();
		Awaitility.await().until(() -> this.threads.get() == 0);
		CountDownLatch done = new CountDownLatch(1);
		this.pool.execute(done::countDown);
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void aTaskWaitsWhereNoThreadCanBeStarted(CapturedOutput output) throws InterruptedException {
		AtomicInteger failures = new AtomicInteger(3);
		// Not in start(), which the executors of newer JDKs do not call
		EventPool poor = new EventPool(this.time, (task) -> {
			if (failures.getAndDecrement() > 0) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			return new Thread(task);
		});
		AtomicInteger runs = new AtomicInteger();
		CountDownLatch done = new CountDownLatch(1);
		poor.execute(() -> {
			runs.incrementAndGet();
			done.countDown();
		});
		assertThat(poor.isBehind()).isTrue();
		while (failures.get() >= 0) {
			poor.relieve();
		}
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(runs).hasValue(1);
		assertThat(output.toString().lines().filter((line) -> line.contains("No thread for listeners"))).hasSize(1);
		poor.close();
	}

	@Test
	void closingLetsRunWhatRuns() throws InterruptedException {
		AtomicInteger interrupts = new AtomicInteger();
		CountDownLatch began = new CountDownLatch(1);
		CountDownLatch done = new CountDownLatch(1);
		this.pool.execute(() -> {
			began.countDown();
			try {
				this.unblock.await();
			}
			catch (InterruptedException ex) {
				interrupts.incrementAndGet();
			}
			done.countDown();
		});
		began.await();
		this.pool.close();
		this.unblock.countDown();
		assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
		assertThat(interrupts).hasValue(0);
	}

	/** Blocks threads, and returns when they are. */
	private void block(int count) throws InterruptedException {
		for (int i = 0; i < count; i++) {
			this.pool.execute(() -> {
				this.blocked.release();
				try {
					this.unblock.await();
				}
				catch (InterruptedException ex) {
					throw new IllegalStateException(ex);
				}
			});
		}
		assertThat(this.blocked.tryAcquire(count, 10, TimeUnit.SECONDS)).isTrue();
	}

}
