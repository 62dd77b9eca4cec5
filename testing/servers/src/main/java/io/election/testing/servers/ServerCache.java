package io.election.testing.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The folder in the user's home that keeps what servers are made of: fetched and unpacked
 * once per machine, shared by all builds and processes.
 * <p>
 * An entry is either complete or absent: it is filled beside its place and then moved
 * there. Two processes that need the same entry wait for one another.
 */
final class ServerCache {

	/**
	 * The system property that names another folder.
	 */
	static final String FOLDER_PROPERTY = "election.testing.cache";

	private ServerCache() {
	}

	/**
	 * Return the folder of an entry, filled if it is absent or was made by another
	 * recipe.
	 * @param name the name of the entry, the version of what it holds included
	 * @param recipe everything the content depends on: another recipe makes a new content
	 * @param filling what fills it
	 * @return the folder with the content, never to be written to
	 */
	static Path folder(String name, String recipe, Filling filling) {
		Path entry = root().resolve(name);
		try {
			if (!isMadeBy(recipe, entry)) {
				fillLocked(entry, recipe, filling);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot fill " + entry + " (-D" + FOLDER_PROPERTY
					+ "=<folder> chooses another place): " + ex.getMessage(), ex);
		}
		return content(entry);
	}

	static Path root() {
		String folder = System.getProperty(FOLDER_PROPERTY);
		return ((folder != null) ? Path.of(folder)
				: Path.of(System.getProperty("user.home"), ".cache", "election-testing"))
			.toAbsolutePath();
	}

	private static void fillLocked(Path entry, String recipe, Filling filling) throws IOException {
		lock(entry, (locked) -> {
			if (!isMadeBy(recipe, locked)) {
				fill(locked, recipe, filling);
			}
		});
	}

	/**
	 * Do something with a folder while no other thread or process does.
	 * @param folder the folder, which need not exist
	 * @param action what is done; may lock other folders
	 * @throws IOException if the action does
	 */
	// A file lock belongs to the whole JVM, so that its own threads need another one
	static synchronized void lock(Path folder, Filling action) throws IOException {
		Files.createDirectories(folder.getParent());
		try (FileChannel channel = FileChannel.open(sibling(folder, ".lock"), StandardOpenOption.CREATE,
				StandardOpenOption.WRITE); FileLock lock = channel.lock()) {
			action.fill(folder);
		}
	}

	private static void fill(Path entry, String recipe, Filling filling) throws IOException {
		Path part = sibling(entry, ".part");
		FileTrees.delete(part);
		Files.createDirectories(content(part));
		filling.fill(content(part));
		Files.writeString(recipe(part), recipe);
		FileTrees.delete(entry);
		Files.move(part, entry, StandardCopyOption.ATOMIC_MOVE);
	}

	private static boolean isMadeBy(String recipe, Path entry) throws IOException {
		return Files.exists(recipe(entry)) && Files.readString(recipe(entry)).equals(recipe);
	}

	private static Path content(Path entry) {
		return entry.resolve("content");
	}

	private static Path recipe(Path entry) {
		return entry.resolve("recipe");
	}

	private static Path sibling(Path entry, String suffix) {
		return entry.resolveSibling(entry.getFileName() + suffix);
	}

	/**
	 * What works on a folder.
	 */
	@FunctionalInterface
	interface Filling {

		void fill(Path folder) throws IOException;

	}

}
