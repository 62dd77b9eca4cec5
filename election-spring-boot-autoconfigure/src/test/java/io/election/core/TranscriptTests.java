package io.election.core;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Plays the stories under {@code src/test/resources} and compares what comes of them with
 * what they say. With {@code -Delection.transcripts.rewrite=true} it writes it down
 * instead, for a person to read the difference.
 */
class TranscriptTests {

	private static final boolean REWRITE = Boolean.getBoolean("election.transcripts.rewrite");

	@ParameterizedTest
	@MethodSource("stories")
	void storyEndsAsTold(String name) throws IOException {
		Path story = directory().resolve(name);
		String played = Transcript.play(Files.readAllLines(story));
		if (REWRITE) {
			Files.writeString(Path.of("src/test/resources/io/election/core/transcripts", name), played);
		}
		else {
			assertThat(played).isEqualTo(Files.readString(story));
		}
	}

	static List<String> stories() throws IOException {
		try (Stream<Path> stories = Files.list(directory())) {
			return stories.map((story) -> story.getFileName().toString()).sorted().toList();
		}
	}

	private static Path directory() {
		try {
			return Path.of(Objects.requireNonNull(TranscriptTests.class.getResource("transcripts")).toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
