package io.election.testing.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a Prometheus would have read from replicas, at equal intervals.
 * <p>
 * As text, that is a line {@code # <number of samples> <scene>} for each scene, and then
 * one for each series.
 *
 * @param scenes what happened, in order
 * @param series the series, by name and labels; their samples in the notation of
 * {@code promtool}: {@code 3x2} is 3 3 3, {@code _x2} is twice no sample, and
 * {@code stale} is the end of a series
 */
record MetricsRecording(List<Scene> scenes, Map<String, String> series) {

	static final String RESOURCE = "metrics-recording.txt";

	static MetricsRecording read() {
		List<Scene> scenes = new ArrayList<>();
		Map<String, String> series = new TreeMap<>();
		int end = 0;
		for (String line : text().lines().toList()) {
			if (line.startsWith("# ")) {
				String[] parts = line.split(" ", 3);
				end += Integer.parseInt(parts[1]);
				scenes.add(new Scene(parts[2], end));
			}
			else {
				int separator = line.indexOf("} ") + 1;
				series.put(line.substring(0, separator), line.substring(separator + 1));
			}
		}
		return new MetricsRecording(scenes, series);
	}

	private static String text() {
		try (InputStream stream = MetricsRecording.class.getResourceAsStream("/" + RESOURCE)) {
			return new String(Objects.requireNonNull(stream).readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	Scene scene(String name) {
		return this.scenes.stream().filter((scene) -> scene.name().equals(name)).findFirst().orElseThrow();
	}

	/**
	 * Something that happened.
	 *
	 * @param name what
	 * @param end how many samples there were until it was over
	 */
	record Scene(String name, int end) {
	}

}
