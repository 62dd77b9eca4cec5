package io.election.testing.web;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.jayway.jsonpath.JsonPath;
import io.election.LeaderElection;
import io.election.testing.web.Observability.Alert;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The alerts, the dashboard and what is written about them agree with what an application
 * exports.
 */
class ObservabilityTests {

	private static final Pattern SERIES = Pattern.compile("(?m)^(\\w+)\\{(.*)} \\S+$");

	/** A metric, and what its labels have to be. */
	private static final Pattern SELECTOR = Pattern.compile("(election_\\w+)(?:\\{([^}]*)})?");

	private static final Pattern LABEL = Pattern.compile("(\\w+)=~?\"([^\"]*)\"");

	/** Labels that are grouped by in a query, or shown in a legend. */
	private static final Pattern NAMES = Pattern.compile("by \\(([^)]*)\\)|\\{\\{([^}]*)}}");

	/** Labels that a Prometheus adds. */
	private static final Set<String> OF_THE_TARGET = Set.of("namespace", "job", "instance");

	@Test
	void everyMetricAndLabelInAQueryIsExported() {
		List<Series> exported = exported();
		List<Map<String, Object>> targets = JsonPath.read(Observability.dashboard(), "$.panels[*].targets[*]");
		List<String> queries = Stream
			.concat(Observability.alerts().stream().map(Alert::expr),
					targets.stream().map((target) -> target.get("expr") + " as " + target.get("legendFormat")))
			.toList();
		for (String query : queries) {
			List<String> names = NAMES.matcher(query)
				.results()
				.flatMap((match) -> Arrays
					.stream((match.group(1) != null) ? match.group(1).split(", ") : new String[] { match.group(2) }))
				.filter((name) -> !OF_THE_TARGET.contains(name))
				.toList();
			List<MatchResult> selectors = SELECTOR.matcher(query).results().toList();
			assertThat(selectors).as(query).isNotEmpty();
			for (MatchResult selector : selectors) {
				assertThat(exported).as(query)
					.anyMatch((series) -> series.name().equals(selector.group(1))
							&& series.labels().keySet().containsAll(names)
							&& series.matches((selector.group(2) != null) ? selector.group(2) : ""));
			}
		}
	}

	@Test
	void eachPanelIsDescribedAndHasAPlaceOfItsOwn() {
		List<Map<String, Object>> panels = JsonPath.read(Observability.dashboard(), "$.panels");
		assertThat(panels).isNotEmpty()
			.allSatisfy((panel) -> assertThat(panel).containsKeys("title", "description", "targets", "gridPos"));
		assertThat(panels).extracting((panel) -> panel.get("id")).doesNotHaveDuplicates();
		List<String> cells = panels.stream().flatMap(ObservabilityTests::cells).toList();
		assertThat(cells).doesNotHaveDuplicates();
	}

	@Test
	void eachVariableOfTheDashboardIsDefined() {
		List<String> variables = JsonPath.read(Observability.dashboard(), "$.templating.list[*].name");
		assertThat(Pattern.compile("\\$\\{?(\\w+)").matcher(Observability.dashboard()).results())
			.extracting((match) -> match.group(1))
			.isSubsetOf(Stream.concat(variables.stream(), Stream.of("__rate_interval", "__all")).toList())
			.containsAll(variables);
	}

	@Test
	void theAlertsThatAreWrittenAboutAreThoseThatThereAre() {
		String operations = Observability.read(Observability.DOCS.resolve("operations.md"));
		assertThat(Pattern.compile("`(Election[A-Z]\\w+)`, (\\w+) ").matcher(operations).results())
			.extracting((match) -> match.group(1) + " " + match.group(2))
			.containsExactlyElementsOf(Observability.alerts()
				.stream()
				.map((alert) -> alert.name() + " " + alert.labels().get("severity"))
				.toList());
	}

	private static Stream<String> cells(Map<String, Object> panel) {
		Map<String, Integer> position = JsonPath.read(panel, "$.gridPos");
		int right = position.get("x") + position.get("w");
		assertThat(right).isLessThanOrEqualTo(24);
		return Stream.iterate(position.get("x"), (x) -> x < right, (x) -> x + 1)
			.flatMap((x) -> Stream
				.iterate(position.get("y"), (y) -> y < position.get("y") + position.get("h"), (y) -> y + 1)
				.map((y) -> x + "/" + y));
	}

	/**
	 * What an application exports that has led, has renewed its lease and has resigned.
	 */
	private static List<Series> exported() {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(WebApplication.class)
			.web(WebApplicationType.NONE)
			.properties("election.backend=memory", "election.name=billing", "election.lease-duration=1s",
					"election.renew-deadline=600ms", "election.retry-period=100ms")
			.run()) {
			LeaderElection election = context.getBean(LeaderElection.class);
			PrometheusMeterRegistry registry = context.getBean(PrometheusMeterRegistry.class);
			await().until(() -> registry.scrape().contains("election_renew_seconds_count"));
			election.resign();
			await().until(() -> registry.scrape().contains("election_failover_seconds_count"));
			return SERIES.matcher(registry.scrape())
				.results()
				.map((line) -> new Series(line.group(1), labels(line.group(2))))
				.toList();
		}
	}

	private static Map<String, String> labels(String text) {
		return LABEL.matcher(text)
			.results()
			.collect(Collectors.toMap((label) -> label.group(1), (label) -> label.group(2)));
	}

	/**
	 * A series that is exported.
	 *
	 * @param name the name of the metric
	 * @param labels its labels
	 */
	private record Series(String name, Map<String, String> labels) {

		/** Whether it has the labels; a variable stands for anything. */
		boolean matches(String selector) {
			return LABEL.matcher(selector)
				.results()
				.filter((label) -> !OF_THE_TARGET.contains(label.group(1)))
				.allMatch((label) -> label.group(2).startsWith("$") ? this.labels.containsKey(label.group(1))
						: label.group(2).equals(this.labels.get(label.group(1))));
		}

	}

}
