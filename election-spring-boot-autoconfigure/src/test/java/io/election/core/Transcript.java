package io.election.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A story in commands, each block of them followed by a line of dashes and what comes of
 * it. A message takes a millisecond, and listeners need one, unless the story says
 * otherwise.
 */
final class Transcript implements Environment {

	private static final String ELECTION = "orders";

	private static final long MILLI = 1_000_000;

	private static final Duration PATIENCE = Duration.ofMinutes(5);

	private final Agenda agenda = new Agenda();

	private final Rules rules = new Rules();

	private final SimulatedStore store = this.rules.store(this.agenda::now, this.agenda::now);

	private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();

	private final List<SimulatedNode> everyone = new ArrayList<>();

	private final Invariants invariants = new Invariants(this.everyone);

	private final Map<SimulatedNode, Channel> requests = new LinkedHashMap<>();

	private final Map<SimulatedNode, Channel> answers = new LinkedHashMap<>();

	private final Map<SimulatedNode, Duration> listenerTimes = new LinkedHashMap<>();

	private final Narrator narrator = new Narrator(0, 3);

	private final List<String> output = new ArrayList<>();

	private String storeIs = "back";

	private boolean hints = true;

	private String show = "changes";

	/** Whether the step to come is about an answer that had been given up. */
	private boolean late;

	private Transcript() {
	}

	/** The same story with what really comes of it. */
	static String play(List<String> story) {
		Transcript transcript = new Transcript();
		List<String> played = new ArrayList<>();
		Iterator<String> lines = story.iterator();
		while (lines.hasNext()) {
			String line = lines.next();
			played.add(line);
			if (line.equals("----")) {
				played.addAll(transcript.output.isEmpty() ? List.of("(nothing)") : transcript.output);
				transcript.output.clear();
				while (lines.hasNext() && !lines.next().isBlank()) {
					// What was expected
				}
				played.add("");
			}
			else if (!line.isBlank() && !line.startsWith("#")) {
				transcript.carryOut(line);
			}
		}
		return String.join("\n", played).stripTrailing() + "\n";
	}

	// Commands

	private void carryOut(String command) {
		String[] words = command.split(" ");
		switch (words[0]) {
			case "node" -> node(words);
			case "start" -> all(words).forEach((name) -> node(name).start());
			case "kill" -> all(words).forEach((name) -> node(name).crash());
			case "freeze" -> node(words[1]).pause();
			case "thaw" -> node(words[1]).wake();
			case "pause" -> input(words[1], new Input.Pause());
			case "resume" -> input(words[1], new Input.Resume());
			case "resign" -> input(words[1], new Input.Resign(duration(words[3])));
			case "stop" -> input(words[1], new Input.Stop(duration(words[3])));
			case "requests" -> become(this.requests.get(node(words[2])), words[4]);
			case "answers" -> become(this.answers.get(node(words[2])), words[4]);
			case "listeners" -> this.listenerTimes.put(node(words[2]), duration(words[4]));
			case "hints" -> this.hints = words[2].equals("delivered");
			case "store" -> this.storeIs = words[2];
			case "record" -> record(words);
			case "show" -> this.show = words[1];
			case "ask" -> say(words[1], "isLeader: " + isLeader(node(words[1])));
			case "run" -> run(words);
			default -> throw new IllegalArgumentException(command);
		}
		this.agenda.runUntil(this.agenda.now());
	}

	private void node(String[] words) {
		Duration[] numbers = { Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2) };
		for (int i = 2; i < words.length; i++) {
			numbers[i - 2] = duration(words[i]);
		}
		SimulatedNode node = new SimulatedNode(this, words[1], words[1], List.of(ELECTION),
				new Timing(numbers[0], numbers[1], numbers[2]), LocalClock.EXACT, 1);
		this.nodes.put(words[1], node);
		this.everyone.add(node);
		this.requests.put(node, new Channel());
		this.answers.put(node, new Channel());
		this.listenerTimes.put(node, Duration.ofMillis(1));
	}

	private void input(String name, Input input) {
		SimulatedNode node = node(name);
		node.tell(() -> node.candidates().get(0).input(input));
	}

	private void become(Channel channel, String state) {
		channel.state = state;
		if (state.equals("delivered")) {
			channel.held.forEach((message) -> this.agenda.after(MILLI, message));
			channel.held.clear();
		}
	}

	private void record(String[] words) {
		SimulatedStore.Cell cell = this.store.cell(ELECTION);
		switch (words[words.length - 1]) {
			case "shown" -> say("store", this.narrator.record(this.store.read(cell)));
			case "deleted" -> cell.record = null;
			case "touched" -> this.store.touch(cell, (LeaseRecord.Held) cell.record);
			case "lost" -> {
				this.invariants.corrupted.add(ELECTION);
				this.store.forget(cell);
			}
			default -> {
				this.invariants.overwritten.add(ELECTION);
				Duration lease = Duration.ofSeconds(15);
				this.store.write(cell,
						new LeaseRecord.Held(new Lease(ELECTION, words[4] + "#1", Long.parseLong(words[6]), 1),
								words[4], Map.of(), 0, lease, Duration.ofSeconds(10), Duration.ZERO));
			}
		}
	}

	private void run(String[] words) {
		if (!words[1].equals("until")) {
			this.agenda.runUntil(this.agenda.now() + duration(words[1]).toNanos());
			return;
		}
		boolean nobody = words[2].equals("nobody");
		boolean met = this.agenda.runUntil(
				() -> nobody ? this.everyone.stream().noneMatch(this::isLeader) : isLeader(node(words[2])),
				this.agenda.now() + PATIENCE.toNanos());
		if (!met) {
			throw new IllegalStateException("waited in vain: " + String.join(" ", words));
		}
	}

	private boolean isLeader(SimulatedNode node) {
		SimulatedCandidate candidate = Invariants.candidate(node, ELECTION);
		return candidate != null && candidate.isLeader();
	}

	private SimulatedNode node(String name) {
		SimulatedNode node = this.nodes.get(name);
		if (node == null) {
			throw new IllegalArgumentException("no node " + name);
		}
		return node;
	}

	private static List<String> all(String[] words) {
		return Arrays.asList(words).subList(1, words.length);
	}

	private static Duration duration(String text) {
		return text.endsWith("ms") ? Duration.ofMillis(Long.parseLong(text.replace("ms", "")))
				: Duration.parse("PT" + text);
	}

	// Environment

	@Override
	public Agenda agenda() {
		return this.agenda;
	}

	@Override
	public Rules rules() {
		return this.rules;
	}

	@Override
	public void carryRequest(SimulatedCandidate from, Request request, Runnable arrived, Runnable failed) {
		this.invariants.sent(from, request);
		carry(this.requests.get(from.node), () -> {
			switch (this.storeIs) {
				case "back" -> arrived.run();
				case "refusing" -> this.agenda.after(MILLI, failed);
				case "silent" -> {
				}
				default -> throw new IllegalArgumentException("store is " + this.storeIs);
			}
		});
	}

	@Override
	public Answer carryOut(SimulatedCandidate from, Request request) {
		Answer answer = this.store.execute(from.self, from.node.timing, request);
		LeaseRecord.Vacant vacated = (this.store.cell(ELECTION).record instanceof LeaseRecord.Vacant vacant) ? vacant
				: null;
		boolean news = !(request instanceof Request.Look || request instanceof Request.Renew);
		if (news && this.hints) {
			for (SimulatedNode node : this.everyone) {
				this.agenda.after(MILLI, () -> node.tell(() -> {
					SimulatedCandidate candidate = Invariants.candidate(node, ELECTION);
					if (candidate != null) {
						candidate.input(new Input.Hint(vacated));
					}
				}));
			}
		}
		return answer;
	}

	@Override
	public void carryAnswer(SimulatedNode to, Runnable arrived) {
		carry(this.answers.get(to), arrived);
	}

	private void carry(Channel channel, Runnable message) {
		switch (channel.state) {
			case "delivered" -> this.agenda.after(MILLI, message);
			case "held" -> channel.held.add(message);
			case "lost" -> {
			}
			default -> throw new IllegalArgumentException("messages are " + channel.state);
		}
	}

	@Override
	public long queueTime() {
		return 0;
	}

	@Override
	public boolean forgets() {
		return false;
	}

	@Override
	public long requestTimeout(Timing timing) {
		return timing.retryPeriod().toNanos() * 4 / 5;
	}

	@Override
	public boolean listenerFails() {
		return false;
	}

	@Override
	public long listenerTime(SimulatedCandidate candidate, Effect event) {
		return this.listenerTimes.get(candidate.node).toNanos();
	}

	@Override
	public void stepped(SimulatedCandidate candidate, @Nullable Standing from, @Nullable Input input, Step step) {
		this.invariants.stepped(candidate, from, input, step);
		if (this.show.equals("everything") || this.late || isNews(from, step)) {
			String told = (input != null) ? this.narrator.input(input) : "joins";
			say(candidate.node.name, this.late ? "late " + told : told);
			more(this.narrator.standing(step.next()));
			step.effects().forEach((effect) -> more(this.narrator.effects(List.of(effect))));
		}
		this.late = false;
	}

	/** Not just another look or another renewal, nor the same report again. */
	private static boolean isNews(@Nullable Standing from, Step step) {
		return from == null || from.getClass() != step.next().getClass()
				|| from.goal().kind() != step.next().goal().kind()
				|| step.effects()
					.stream()
					.anyMatch((effect) -> !(effect instanceof Effect.WritesLost)
							&& !(effect instanceof Effect.Send send && !(send.request() instanceof Request.Release)));
	}

	@Override
	public void woke(SimulatedNode node) {
		say(node.name, "wakes, isLeader: " + isLeader(node));
	}

	@Override
	public void dropped(SimulatedCandidate candidate, Request.Renew renew) {
		say(candidate.node.name, "drops " + this.narrator.request(renew));
	}

	@Override
	public void answeredLate(SimulatedCandidate candidate, Request request, Answer answer) {
		this.late = true;
	}

	private void say(String who, String what) {
		tell(String.format(Locale.ROOT, "%8.3f %-2s %s", this.agenda.now() / 1e9, who, what));
	}

	private void more(String what) {
		tell(" ".repeat(12) + what);
	}

	private void tell(String line) {
		if (!this.show.equals("nothing")) {
			this.output.add(line);
		}
	}

	/** One direction between a node and the store. */
	private static final class Channel {

		private final List<Runnable> held = new ArrayList<>();

		private String state = "delivered";

	}

}
