package io.election.core;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;

import org.jspecify.annotations.Nullable;

/**
 * Tells what candidates do in words that fit on a line.
 *
 * @param origin the local time that is told as 0
 * @param decimals how many decimals of a second are told
 */
record Narrator(long origin, int decimals) {

	String standing(Standing standing) {
		if (standing instanceof Waiting waiting) {
			return waiting(waiting);
		}
		if (standing instanceof Claiming claiming) {
			return "Claiming" + goal(claiming.goal()) + until(" by", claiming.stopBy());
		}
		if (standing instanceof Leading leading) {
			return leading(leading);
		}
		return (standing instanceof Yielding yielding) ? yielding(yielding) : "Stopped";
	}

	private String waiting(Waiting waiting) {
		Observation seen = waiting.seen();
		StringBuilder line = new StringBuilder("Waiting").append(goal(waiting.goal()))
			.append(until(" until", waiting.asideUntil()));
		line.append(", saw ").append((seen.record() != null) ? record(seen.record()) : "nothing");
		if (!seen.lease().isZero()) {
			line.append(seen.expired() ? ", run out" : ", held until " + time(seen.leaseEnd()));
		}
		if (!waiting.looks().underWay()) {
			line.append(", looks at ").append(time(waiting.looks().nextAt()));
		}
		return line.toString();
	}

	private String leading(Leading leading) {
		String line = "Leading term " + leading.lease().term() + " until " + time(leading.deadline());
		return (leading.askedAt() == Timing.NEVER) ? line + ", renews at " + time(leading.renewAt()) : line;
	}

	private String yielding(Yielding yielding) {
		String line = "Yielding term " + yielding.lease().term() + " until " + time(yielding.releaseBy());
		if (yielding.listening()) {
			line += ", listeners at work";
		}
		else if (yielding.askedAt() == Timing.NEVER) {
			line += ", releases at " + time(yielding.releaseAt());
		}
		String goal = goal(yielding.goal()).replace(", ", ", then ");
		return line + goal + until(" by", yielding.stopBy());
	}

	private String goal(Goal goal) {
		return switch (goal.kind()) {
			case COMPETE -> "";
			case ASIDE -> ", stands aside";
			case PAUSE -> ", is paused";
			case STOP -> ", stops";
		};
	}

	String effects(List<Effect> effects) {
		StringJoiner line = new StringJoiner("; ");
		effects.forEach((effect) -> line.add(effect(effect)));
		return line.toString();
	}

	private String effect(Effect effect) {
		if (effect instanceof Effect.Send send) {
			return "-> " + request(send.request());
		}
		if (effect instanceof Effect.Granted granted) {
			return "GRANTED " + granted.lease().term();
		}
		if (effect instanceof Effect.Revoked revoked) {
			return "REVOKED " + revoked.lease().term() + " " + revoked.reason();
		}
		if (effect instanceof Effect.LeaderChanged changed) {
			return "LEADER " + incumbent(changed.previous()) + " => " + incumbent(changed.current());
		}
		if (effect instanceof Effect.TokenRefused refused) {
			return "TOKEN REFUSED " + refused.token() + ", had seen " + refused.highest();
		}
		if (effect instanceof Effect.WritesLost lost) {
			return "WRITES LOST, shows " + lost.token() + " after " + lost.highest();
		}
		return "STOPPED";
	}

	String request(Request request) {
		if (request instanceof Request.Look) {
			return "look";
		}
		if (request instanceof Request.Acquire acquire) {
			return "acquire over " + record(acquire.seen());
		}
		return (request instanceof Request.Renew renew) ? "renew " + write(renew.lease())
				: "release " + ((Request.Release) request).lease().term();
	}

	String input(Input input) {
		if (input instanceof Input.Answered answered) {
			return "<- " + request(answered.request()).replaceAll(" .*", "") + ": " + answer(answered.answer());
		}
		if (input instanceof Input.ListenersFinished finished) {
			return "listeners finished " + finished.term();
		}
		if (input instanceof Input.ListenersFailed failed) {
			return "listeners failed " + failed.term();
		}
		if (input instanceof Input.Resign resign) {
			return "resign for " + duration(resign.standAside());
		}
		return (input instanceof Input.Stop stop) ? "stop within " + duration(stop.timeout())
				: input.getClass().getSimpleName().toLowerCase(Locale.ROOT);
	}

	private String answer(Answer answer) {
		if (answer instanceof Answer.Seen seen) {
			return record(seen.record());
		}
		if (answer instanceof Answer.Held held) {
			return "held " + write(held.lease());
		}
		return (answer instanceof Answer.Refused refused) ? "refused, " + record(refused.record())
				: answer.getClass().getSimpleName().toLowerCase(Locale.ROOT);
	}

	String record(LeaseRecord record) {
		if (record instanceof LeaseRecord.Held held) {
			return held.candidateId() + "'s " + write(held.lease());
		}
		if (record instanceof LeaseRecord.Vacant vacant) {
			return "vacant " + write(vacant.lease());
		}
		return (record instanceof LeaseRecord.Vanished vanished) ? "vanished " + vanished.term() : "absent";
	}

	private String incumbent(@Nullable Incumbent incumbent) {
		return (incumbent != null) ? incumbent.candidateId() + " (" + incumbent.term() + ")" : "nobody";
	}

	/** Term and revision. */
	private String write(Lease lease) {
		return lease.term() + "." + lease.revision();
	}

	private String until(String words, long instant) {
		return (instant != Timing.NEVER) ? words + " " + time(instant) : "";
	}

	private String duration(Duration duration) {
		return time(this.origin + duration.toNanos()) + "s";
	}

	String time(long instant) {
		return String.format(Locale.ROOT, "%." + this.decimals + "f", (instant - this.origin) / 1e9);
	}

}
