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
import java.util.stream.Collectors;

import io.election.testing.servers.Promtool;
import io.election.testing.web.MetricsRecording.Scene;
import io.election.testing.web.Observability.Alert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The alerts and the dashboard, evaluated by a Prometheus over what real replicas
 * exported (see {@link MetricsRecorder}).
 * <p>
 * The recording has a sample a second, of elections whose lease is 2 s. Here samples are
 * 15 s apart, as with a Prometheus that scrapes four times a minute: the minutes in the
 * rules are as many samples as they would be there, and a lease is 30 s. Durations in
 * metrics stay as they were recorded, and are compared with one another only.
 */
class ObservabilityIT {

	private static final int INTERVAL_SECONDS = 15;

	/** What fires when a scene is over; nothing does where a scene is not named. */
	private static final Map<String, Set<String>> FIRING = Map.of("link of the leader cut",
			Set.of("ElectionRenewalsFail"), "database down", Set.of("ElectionWithoutLeader", "ElectionRenewalsFail"),
			"database slow", Set.of("ElectionRenewalsSlow"), "leaders resign", Set.of("ElectionLeadershipFlaps"),
			"a replica has another database", Set.of("ElectionWithTwoLeaders"), "all replicas gone",
			Set.of("ElectionWithoutLeader"));

	private final MetricsRecording recording = MetricsRecording.read();

	@TempDir
	private Path folder;

	@Test
	void theRulesAreValid() {
		Promtool.run("check", "rules", Observability.ALERTS.toString());
	}

	@Test
	void eachAlertFiresWhereItShouldAndNowhereElse() throws IOException {
		assertThat(this.recording.scenes()).extracting(Scene::name).containsAll(FIRING.keySet());
		List<Object> expected = new ArrayList<>();
		for (Scene scene : this.recording.scenes()) {
			for (Alert alert : Observability.alerts()) {
				boolean fires = FIRING.getOrDefault(scene.name(), Set.of()).contains(alert.name());
				expected.add(Map.of("eval_time", atTheEndOf(scene.name()), "alertname", alert.name(), "exp_alerts",
						fires ? List.of(expected(alert)) : List.of()));
			}
		}
		test(Map.of("alert_rule_test", expected));
	}

	@Test
	void noAlertFiresWhenReplicasAreRestartedOneByOne() throws IOException {
		String restarted = atTheEndOf("rolling restart");
		test(Map.of("promql_expr_test", List.of(Map.of("eval_time", restarted, "expr",
				"max_over_time(ALERTS{alertstate=\"firing\"}[" + restarted + "])", "exp_samples", List.of()))));
	}

	@Test
	void eachQueryOfTheDashboardHasData() throws IOException {
		List<Object> expected = Observability.dashboardQueries()
			.stream()
			.map((query) -> query.replace("$job", ".*").replace("$election", ".*").replace("$__rate_interval", "5m"))
			.map((query) -> Map.<String, Object>of("eval_time", atTheEndOf("leaders resign"), "expr",
					"count(" + query + ") > bool 0", "exp_samples", List.of(Map.of("labels", "{}", "value", 1))))
			.collect(Collectors.toList());
		assertThat(expected).isNotEmpty();
		test(Map.of("promql_expr_test", expected));
	}

	private String atTheEndOf(String scene) {
		return (this.recording.endOf(scene) - 1) * INTERVAL_SECONDS + "s";
	}

	private static Map<String, Object> expected(Alert alert) {
		Map<String, String> labels = new TreeMap<>(alert.labels());
		labels.putAll(Map.of("job", "billing", "election", "billing"));
		Map<String, String> annotations = new TreeMap<>(alert.annotations());
		annotations.replaceAll((name, text) -> text.replace("{{ $labels.job }}", "billing")
			.replace("{{ $labels.election }}", "billing"));
		return Map.of("exp_labels", labels, "exp_annotations", annotations);
	}

	private void test(Map<String, Object> expected) throws IOException {
		Map<String, Object> test = new LinkedHashMap<>(expected);
		test.put("interval", INTERVAL_SECONDS + "s");
		test.put("input_series",
				this.recording.series()
					.entrySet()
					.stream()
					.map((series) -> Map.of("series", series.getKey(), "values", series.getValue()))
					.toList());
		Path file = this.folder.resolve("test.yaml");
		Files.writeString(file,
				new Yaml().dump(Map.of("rule_files", List.of(Observability.ALERTS.toAbsolutePath().toString()),
						"evaluation_interval", INTERVAL_SECONDS + "s", "tests", List.of(test))));
		Promtool.run("test", "rules", file.toString());
	}

}
