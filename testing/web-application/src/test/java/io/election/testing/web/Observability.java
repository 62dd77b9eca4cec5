package io.election.testing.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.jayway.jsonpath.JsonPath;
import org.yaml.snakeyaml.Yaml;

/**
 * The alerts and the dashboard that operators import.
 */
final class Observability {

	static final Path DOCS = Path.of("../../docs");

	static final Path ALERTS = DOCS.resolve("prometheus/election-alerts.yaml");

	private Observability() {
	}

	/** Returns the alerts, in order. */
	static List<Alert> alerts() {
		Map<String, List<Map<String, List<Map<String, Object>>>>> file = new Yaml().load(read(ALERTS));
		return file.get("groups").get(0).get("rules").stream().map(Alert::of).toList();
	}

	static String dashboard() {
		return read(DOCS.resolve("grafana/election-dashboard.json"));
	}

	/** Returns the queries of the dashboard. */
	static List<String> dashboardQueries() {
		return JsonPath.read(dashboard(), "$.panels[*].targets[*].expr");
	}

	static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * An alert.
	 *
	 * @param name its name
	 * @param expr its query
	 * @param labels its labels
	 * @param annotations what it tells
	 */
	record Alert(String name, String expr, Map<String, String> labels, Map<String, String> annotations) {

		@SuppressWarnings("unchecked")
		private static Alert of(Map<String, Object> rule) {
			return new Alert((String) rule.get("alert"), (String) rule.get("expr"),
					(Map<String, String>) rule.get("labels"), (Map<String, String>) rule.get("annotations"));
		}

	}

}
