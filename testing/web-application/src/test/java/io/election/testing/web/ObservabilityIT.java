package io.election.testing.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.election.testing.servers.Promtool;
import io.election.testing.web.MetricsRecording.Scene;
import io.election.testing.web.Observability.Alert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.Yaml;

import static java.util.Map.entry;

/**
 * The alerts and the dashboard, evaluated by a Prometheus over what real replicas
 * exported (see {@link MetricsRecorder}).
 * <p>
 * The recording has a sample a second, of elections whose lease is 2 s. Here samples are
 * 15 s apart, as with a Prometheus that scrapes four times a minute: the minutes in the
 * rules are as many samples as they would be there, and a lease is 30 s. Durations in
 * metrics stay as they were recorded, and are compared with one another only.
 * <p>
 * There are two jobs with an election of this name. In the second one a replica is
 * scraped an interval late.
 */
class ObservabilityIT {

	private static final int INTERVAL_SECONDS = 15;

	private static final String JOB = "billing";

	private static final String SECOND_JOB = "invoices";

	private static final String LATE_REPLICA = "billing-2";

	private static final Set<String> NONE = Set.of();

	/** What begins to fire in each scene. */
	private static final Map<String, Set<String>> BEGIN = Map.ofEntries(entry("steady", NONE),
			entry("rolling restart", NONE), entry("link of the leader cut", Set.of("ElectionRenewalsFail")),
			entry("link of the leader repaired", NONE),
			entry("database down", Set.of("ElectionRenewalsFail", "ElectionWithoutLeader")), entry("database up", NONE),
			entry("database slow", Set.of("ElectionRenewalsSlow")), entry("database fast", NONE),
			entry("leaders resign", Set.of("ElectionLeadershipFlaps")), entry("leaders stay", NONE),
			entry("a replica has another database", Set.of("ElectionWithTwoLeaders")), entry("that replica gone", NONE),
			entry("all replicas gone", Set.of("ElectionWithoutLeader")));

	/**
	 * What no longer fires at the end of the scene in which it began: nobody renews while
	 * nobody leads.
	 */
	private static final Map<String, Set<String>> ENDED = Map.of("database down", Set.of("ElectionRenewalsFail"));

	private final MetricsRecording recording = MetricsRecording.read();

	@TempDir
	private Path folder;

	@Test
	void theRulesAreValid() {
		Promtool.run("check", "rules", Observability.ALERTS.toString());
	}

	@Test
	void eachAlertBeginsToFireWhereItShouldAndNowhereElse() throws IOException {
		List<Object> expected = new ArrayList<>();
		int begin = 0;
		for (Scene scene : this.recording.scenes()) {
			String duration = seconds(scene.end() - begin);
			String query = """
					max by (alertname) (max_over_time(ALERTS{alertstate="firing"}[%1$s]))
					unless max by (alertname) (ALERTS{alertstate="firing"} offset %1$s)""".formatted(duration);
			expected.add(Map.of("eval_time", atTheEndOf(scene), "expr", query, "exp_samples",
					BEGIN.get(scene.name())
						.stream()
						.map((alert) -> Map.of("labels", "{alertname=\"" + alert + "\"}", "value", 1))
						.toList()));
			begin = scene.end();
		}
		test(Map.of("promql_expr_test", expected));
	}

	@Test
	void whatFiresStopsWhenItsCauseIsGone() throws IOException {
		List<Object> expected = new ArrayList<>();
		for (Scene scene : this.recording.scenes()) {
			Set<String> ended = ENDED.getOrDefault(scene.name(), NONE);
			for (Alert alert : Observability.alerts()) {
				boolean fires = BEGIN.get(scene.name()).contains(alert.name()) && !ended.contains(alert.name());
				expected.add(Map.of("eval_time", atTheEndOf(scene), "alertname", alert.name(), "exp_alerts",
						fires ? List.of(expected(alert, JOB), expected(alert, SECOND_JOB)) : List.of()));
			}
		}
		test(Map.of("alert_rule_test", expected));
	}

	@Test
	void eachQueryOfTheDashboardHasData() throws IOException {
		List<Map<String, Object>> expected = Observability.dashboardQueries()
			.stream()
			.map((query) -> query.replace("$job", ".*").replace("$election", ".*").replace("$__rate_interval", "5m"))
			.map((query) -> Map.<String, Object>of("eval_time", atTheEndOf(this.recording.scene("leaders resign")),
					"expr", "count(" + query + ") > bool 0", "exp_samples",
					List.of(Map.of("labels", "{}", "value", 1))))
			.toList();
		test(Map.of("promql_expr_test", expected));
	}

	private static String atTheEndOf(Scene scene) {
		return seconds(scene.end() - 1);
	}

	private static String seconds(int samples) {
		return samples * INTERVAL_SECONDS + "s";
	}

	private static Map<String, Object> expected(Alert alert, String job) {
		Map<String, String> labels = new TreeMap<>(alert.labels());
		labels.putAll(Map.of("job", job, "election", "billing"));
		Map<String, String> annotations = new TreeMap<>(alert.annotations());
		annotations.replaceAll(
				(name, text) -> text.replace("{{ $labels.job }}", job).replace("{{ $labels.election }}", "billing"));
		return Map.of("exp_labels", labels, "exp_annotations", annotations);
	}

	private void test(Map<String, Object> expected) throws IOException {
		Map<String, Object> test = new LinkedHashMap<>(expected);
		test.put("interval", INTERVAL_SECONDS + "s");
		test.put("input_series", this.recording.series().entrySet().stream().flatMap((series) -> {
			String name = series.getKey();
			String late = name.contains(LATE_REPLICA) ? "_ " : "";
			return Stream.of(Map.of("series", name, "values", series.getValue()), Map.of("series",
					name.replace("job=\"" + JOB, "job=\"" + SECOND_JOB), "values", late + series.getValue()));
		}).toList());
		DumperOptions options = new DumperOptions();
		options.setDereferenceAliases(true); // aliases have digits of the locale
		Path file = this.folder.resolve("test.yaml");
		Files.writeString(file,
				new Yaml(options).dump(Map.of("rule_files", List.of(Observability.ALERTS.toAbsolutePath().toString()),
						"evaluation_interval", INTERVAL_SECONDS + "s", "tests", List.of(test))));
		Promtool.run("test", "rules", file.toString());
	}

}
