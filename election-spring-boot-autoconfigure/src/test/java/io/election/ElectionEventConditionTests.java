package io.election;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.test.tools.SourceFile;
import org.springframework.core.test.tools.TestCompiler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Holds that the documented conditions of listeners work in an application that is
 * compiled without {@code -parameters}, as with a build that only imports Boot's BOM.
 */
class ElectionEventConditionTests {

	private static final Pattern CONDITION = Pattern.compile("condition = \"([^\"]*event[^\"]*)\"");

	@ParameterizedTest
	@MethodSource
	void documentedConditionsNeedNoParameterNames(String condition) {
		String election = condition.replaceFirst(".*'(.*)'.*", "$1");
		assertThat(heard(condition, "reports", "billing")).containsExactly(election);
	}

	static Stream<String> documentedConditionsNeedNoParameterNames() throws IOException {
		Path javadoc = Path.of("src", "main", "java", "io", "election", "ElectionEvent.java");
		try (Stream<Path> docs = Files.list(Path.of("..", "docs"))) {
			List<Path> pages = Stream
				.concat(docs.filter((path) -> path.toString().endsWith(".md")),
						Stream.of(Path.of("..", "README.md"), javadoc))
				.toList();
			List<String> conditions = pages.stream()
				.map(ElectionEventConditionTests::read)
				.flatMap((text) -> CONDITION.matcher(text).results())
				.map((result) -> result.group(1))
				.distinct()
				.toList();
			assertThat(conditions).isNotEmpty();
			return conditions.stream();
		}
	}

	@Test
	void nameOfTheParameterCannotBeUsed() {
		assertThatException().isThrownBy(() -> heard("#event.election == 'billing'", "billing"))
			.withMessageContaining("EL1007E");
	}

	/** The elections whose events a listener with the given condition gets. */
	private static List<String> heard(String condition, String... elections) {
		SourceFile listener = SourceFile.of("""
				package application;

				import io.election.LeadershipGrantedEvent;
				import org.springframework.context.event.EventListener;

				public class Listener {

					@EventListener(condition = "%s")
					public String begin(LeadershipGrantedEvent event) {
						return event.getElection();
					}

				}
				""".formatted(condition));
		List<String> heard = new ArrayList<>();
		TestCompiler.forSystem().withSources(listener).compile((compiled) -> {
			try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
				context.register(compiled.getAllCompiledClasses().iterator().next());
				// What a listener returns is published
				context.addApplicationListener(ApplicationListener.<String>forPayload(heard::add));
				context.refresh();
				Stream.of(elections).forEach((election) -> context.publishEvent(granted(election)));
			}
		});
		return heard;
	}

	private static LeadershipGrantedEvent granted(String name) {
		LeaderElection election = mock(LeaderElection.class);
		given(election.name()).willReturn(name);
		given(election.candidateId()).willReturn("me");
		return new LeadershipGrantedEvent(election, new Leadership(name, "me", 1, Instant.EPOCH));
	}

	private static String read(Path path) {
		try {
			return Files.readString(path);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
