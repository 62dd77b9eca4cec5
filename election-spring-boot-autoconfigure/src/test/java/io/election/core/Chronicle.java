package io.election.core;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What happened in a simulation: which kinds of things, and, if somebody wants to read
 * it, the whole story.
 */
final class Chronicle {

	private final Set<Happening> happened = EnumSet.noneOf(Happening.class);

	private final Agenda agenda;

	private final @Nullable StringBuilder story;

	Chronicle(Agenda agenda, boolean tellStory) {
		this.agenda = agenda;
		this.story = tellStory ? new StringBuilder() : null;
	}

	void add(Happening happening) {
		this.happened.add(happening);
	}

	void addIf(boolean really, Happening happening) {
		if (really) {
			this.happened.add(happening);
		}
	}

	void tell(Supplier<String> line) {
		if (this.story != null) {
			this.story.append(String.format(Locale.ROOT, "%12.6f  %s%n", this.agenda.now() / 1e9, line.get()));
		}
	}

	void tell(Happening happening, Supplier<String> line) {
		add(happening);
		tell(line);
	}

	Set<Happening> happened() {
		return this.happened;
	}

	/** The story so far, empty if it is not told. */
	String story() {
		return (this.story != null) ? this.story.toString() : "";
	}

}
