package io.election.core;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What a candidate is told, as a value: the methods of {@link Standing} turned inside
 * out.
 */
sealed interface Input {

	/** Hands the input to a standing. */
	Step to(Standing standing, Timing timing, long now);

	record Tick() implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.tick(timing, now);
		}

	}

	record Hint(LeaseRecord.@Nullable Vacant vacated) implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.hint(timing, now, this.vacated);
		}

	}

	record Answered(Request request, Answer answer) implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.answered(timing, now, this.request, this.answer);
		}

	}

	record ListenersFinished(long term) implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.listenersFinished(timing, now, this.term);
		}

	}

	record ListenersFailed(long term) implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.listenersFailed(timing, now, this.term);
		}

	}

	record Resign(Duration standAside) implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.resign(timing, now, this.standAside);
		}

	}

	record Pause() implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.pause(timing, now, Reason.PAUSED);
		}

	}

	record Resume() implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.resume(timing, now);
		}

	}

	record Stop(Duration timeout) implements Input {

		@Override
		public Step to(Standing standing, Timing timing, long now) {
			return standing.stop(timing, now, this.timeout);
		}

	}

}
