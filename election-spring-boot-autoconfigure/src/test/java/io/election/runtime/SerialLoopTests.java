package io.election.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.election.runtime.SerialLoop.Alarm;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SerialLoopTests {

	private final TestTime time = new TestTime();

	private final List<String> done = new ArrayList<>();

	private final SerialLoop loop = new SerialLoop(this.time, () -> this.done.add("turn"));

	@Test
	void inputsAreHandledInOrderThenTheTurnEnds() {
		this.loop.submit(() -> this.done.add("1"));
		this.loop.submit(() -> this.done.add("2"));
		this.loop.submit(() -> this.done.add("3"));
		this.loop.turn();
		assertThat(this.done).containsExactly("1", "2", "3", "turn");
	}

	@Test
	void anInputThatSubmitsInputsDoesNotKeepAlarmsFromTheirTurn() {
		this.loop.at(this.loop.now(), () -> this.done.add("alarm"));
		this.loop.submit(this::submitAgain);
		this.loop.turn();
		assertThat(this.done).containsExactly("again", "alarm", "turn");
	}

	private void submitAgain() {
		this.done.add("again");
		this.loop.submit(this::submitAgain);
	}

	@Test
	void alarmsGoOffAtTheirInstantAndNotBefore() {
		long instant = this.loop.now() + 1000;
		this.loop.at(instant, () -> this.done.add("alarm"));
		this.time.advanceTo(instant - 1);
		this.loop.turn();
		assertThat(this.done).containsExactly("turn");
		this.time.advanceTo(instant);
		this.loop.turn();
		assertThat(this.done).containsExactly("turn", "alarm", "turn");
		this.time.advance(Duration.ofDays(1));
		this.loop.turn();
		assertThat(this.done).containsOnlyOnce("alarm");
	}

	@Test
	void alarmsGoOffInOrderAndThoseOfOneInstantInTheOrderTheyWereSet() {
		long now = this.loop.now();
		this.loop.at(now + 30, () -> this.done.add("30"));
		this.loop.at(now + 10, () -> this.done.add("10 a"));
		this.loop.at(now + 20, () -> this.done.add("20"));
		this.loop.at(now + 10, () -> this.done.add("10 b"));
		this.time.advance(Duration.ofSeconds(1));
		this.loop.turn();
		assertThat(this.done).containsExactly("10 a", "10 b", "20", "30", "turn");
	}

	@Test
	void anAlarmThatWasCancelledDoesNotGoOff() {
		Alarm cancelled = this.loop.at(this.loop.now() + 10, () -> this.done.add("cancelled"));
		this.loop.at(this.loop.now() + 10, () -> this.done.add("other"));
		this.loop.cancel(cancelled);
		this.loop.cancel(cancelled);
		this.loop.cancel(null);
		this.time.advance(Duration.ofSeconds(1));
		this.loop.turn();
		assertThat(this.done).containsExactly("other", "turn");
	}

	@Test
	void nothingThatIsThrownCostsWhatComesNext() {
		this.loop.submit(() -> {
			throw new IllegalStateException("input");
		});
		this.loop.submit(() -> {
			throw new OutOfMemoryError("input");
		});
		this.loop.submit(() -> this.done.add("input"));
		this.loop.at(this.loop.now(), () -> {
			throw new StackOverflowError("alarm");
		});
		this.loop.at(this.loop.now(), () -> this.done.add("alarm"));
		this.loop.turn();
		assertThat(this.done).containsExactly("input", "alarm", "turn");
	}

	@Test
	void whatFailsWithAnErrorIsDoneAgainLater() {
		AtomicInteger left = new AtomicInteger(4);
		Runnable failing = () -> {
			if (left.getAndDecrement() > 0) {
				throw new OutOfMemoryError("test");
			}
			this.done.add("done");
		};
		this.loop.submit(failing);
		this.loop.at(this.loop.now(), failing);
		this.loop.turn();
		assertThat(this.done).containsExactly("turn");
		assertThat(this.loop.failure().thrown()).hasMessage("test");
		this.loop.turn();
		assertThat(left).hasValue(2);
		this.time.advance(Duration.ofNanos(SerialLoop.PAUSE_NANOS));
		this.loop.turn();
		assertThat(this.loop.failure()).isNotNull();
		this.time.advance(Duration.ofNanos(2 * SerialLoop.PAUSE_NANOS));
		this.loop.turn();
		assertThat(this.done).containsExactly("turn", "turn", "turn", "done", "done", "turn");
		assertThat(this.loop.failure()).isNull();
	}

	@Test
	void whatGoesOnFailingIsDoneLessAndLessOftenAndHoldsUpNothingElse() {
		List<Long> triedAt = new ArrayList<>();
		long begin = this.loop.now();
		this.loop.submit(() -> {
			triedAt.add(Duration.ofNanos(this.loop.now() - begin).toMillis());
			throw new NoClassDefFoundError("test");
		});
		AtomicInteger left = new AtomicInteger(1);
		for (int millis = 0; millis <= 5000; millis += 50) {
			if (millis == 2000) {
				this.loop.submit(() -> {
					if (left.getAndDecrement() > 0) {
						throw new OutOfMemoryError("test");
					}
					this.done.add("after " + Duration.ofNanos(this.loop.now() - begin).toMillis());
				});
			}
			this.loop.turn();
			this.time.advance(Duration.ofMillis(50));
		}
		assertThat(triedAt).containsExactly(0L, 50L, 150L, 350L, 750L, 1550L, 2550L, 3550L, 4550L);
		assertThat(this.done).contains("after 2050");
		assertThat(this.loop.failure().thrown()).hasMessage("test");
	}

	@Test
	void anAlarmThatWasCancelledIsNotDoneAgain() {
		Alarm failing = this.loop.at(this.loop.now(), () -> {
			this.done.add("failed");
			throw new OutOfMemoryError("test");
		});
		this.loop.turn();
		this.loop.cancel(failing);
		this.time.advance(Duration.ofNanos(SerialLoop.PAUSE_NANOS));
		this.loop.turn();
		assertThat(this.done).containsExactly("failed", "turn", "turn");
		assertThat(this.loop.failure()).isNull();
	}

	@Test
	void neitherErrorsNorInterruptsEndTheLoopAndACloseDoes() throws InterruptedException {
		CountDownLatch handled = new CountDownLatch(1);
		SerialLoop failing = new SerialLoop(this.time, () -> {
			throw new AssertionError("after every turn");
		});
		Thread thread = new Thread(failing::run);
		thread.start();
		thread.interrupt();
		failing.submit(() -> {
			Thread.currentThread().interrupt();
			throw new LinkageError("input");
		});
		failing.submit(thread::interrupt);
		failing.submit(handled::countDown);
		assertThat(handled.await(10, TimeUnit.SECONDS)).isTrue();
		failing.close();
		thread.join(TimeUnit.SECONDS.toMillis(10));
		assertThat(thread.isAlive()).isFalse();
	}

	@Test
	void aClockThatFailsForAWhileDoesNotEndTheLoop() throws InterruptedException {
		CountDownLatch failed = new CountDownLatch(5);
		SerialLoop unlucky = new SerialLoop(() -> {
			if (failed.getCount() > 0) {
				failed.countDown();
				throw new InternalError("no time");
			}
			return 0;
		}, () -> {
		});
		CountDownLatch handled = new CountDownLatch(1);
		Thread thread = new Thread(unlucky::run);
		thread.start();
		for (int i = 0; i <= 5; i++) {
			unlucky.submit(handled::countDown);
		}
		assertThat(handled.await(10, TimeUnit.SECONDS)).isTrue();
		unlucky.close();
		thread.join(TimeUnit.SECONDS.toMillis(10));
		assertThat(thread.isAlive()).isFalse();
	}

	@Test
	void tellsHowLongATurnTakesAndNothingBetweenTurns() {
		assertThat(this.loop.busyFor()).isZero();
		this.loop.submit(() -> {
			this.time.advance(Duration.ofSeconds(3));
			this.done.add("busy for " + this.loop.busyFor());
		});
		this.loop.turn();
		assertThat(this.done).containsExactly("busy for PT3S", "turn");
		assertThat(this.loop.busyFor()).isZero();
	}

}
