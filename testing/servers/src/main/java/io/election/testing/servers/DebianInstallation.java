package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Unpacked {@link DebianPackages}.
 *
 * @param root the folder that stands for {@code /}, never to be written to
 * @param withLibraries whether it has its own libraries, libc included
 */
record DebianInstallation(Path root, boolean withLibraries) {

	String version() {
		return this.root.getFileName().toString();
	}

	Path path(String path) {
		return this.root.resolve(path);
	}

	/**
	 * Return the command that runs a program on this machine, whatever libc that has.
	 * @param program the path of the program
	 * @param arguments its arguments
	 * @return the command
	 */
	List<String> command(String program, String... arguments) {
		List<String> command = new ArrayList<>();
		String path = path(program).toString();
		if (this.withLibraries) {
			Path loader = loader();
			String libraries = loader.getParent() + ":" + path("usr/lib").resolve(loader.getParent().getFileName());
			command.addAll(List.of(loader.toString(), "--library-path", libraries, "--argv0", path));
		}
		command.add(path);
		command.addAll(List.of(arguments));
		return command;
	}

	// In lib or usr/lib, in a folder named after the processor
	private Path loader() {
		List<Path> folders = Stream.of("lib", "usr/lib").map(this::path).filter(Files::isDirectory).toList();
		for (Path folder : folders) {
			try (Stream<Path> files = Files.find(folder, 2, (file, attributes) -> isLoader(file))) {
				Path loader = files.findFirst().orElse(null);
				if (loader != null) {
					return loader;
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		throw new IllegalStateException("No dynamic loader in " + this.root);
	}

	private static boolean isLoader(Path file) {
		return file.getFileName().toString().startsWith("ld-linux")
				&& file.getParent().getFileName().toString().endsWith("-linux-gnu");
	}

}
