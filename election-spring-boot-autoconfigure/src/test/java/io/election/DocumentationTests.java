package io.election;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds that links between pages lead somewhere.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..");

	private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");

	private static final Pattern REFERENCE = Pattern.compile("(?m)^\\[[^\\]]+\\]: (?!https?:)([^#\\s]*)(?:#(\\S+))?$");

	static Stream<Path> pages() throws IOException {
		try (Stream<Path> top = Files.list(ROOT); Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
			return Stream.concat(top, docs).filter((path) -> path.toString().endsWith(".md")).toList().stream();
		}
	}

	@ParameterizedTest
	@MethodSource("pages")
	void linksLeadSomewhere(Path page) {
		String text = read(page);
		assertThat(Stream.of(LINK, REFERENCE).flatMap((pattern) -> pattern.matcher(text).results()))
			.allSatisfy((link) -> assertLeadsSomewhere(page, link));
	}

	private static void assertLeadsSomewhere(Path page, MatchResult link) {
		Path target = link.group(1).isEmpty() ? page
				: Objects.requireNonNull(page.getParent()).resolve(link.group(1)).normalize();
		assertThat(target).exists();
		if (link.group(2) != null) {
			assertThat(anchors(target)).contains(link.group(2));
		}
	}

	/** As GitHub makes them of headings. */
	private static Stream<String> anchors(Path page) {
		return read(page).lines()
			.filter((line) -> line.startsWith("#"))
			.map((line) -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
			.map((heading) -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'));
	}

	@Test
	void everyPageIsFoundFromTheIndex() throws IOException {
		String index = read(ROOT.resolve("docs/README.md"));
		try (Stream<Path> pages = Files.list(ROOT.resolve("docs"))) {
			assertThat(pages.map((path) -> path.getFileName().toString())
				.filter((name) -> name.endsWith(".md") && !name.equals("README.md")))
				.allSatisfy((name) -> assertThat(index).contains("(" + name + ")"));
		}
	}

	private static String read(Path page) {
		try {
			return Files.readString(page);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
