package io.election.testing.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks archives without a tool of the machine.
 */
final class Archives {

	private static final int OWNER_EXECUTES = 0100;

	private Archives() {
	}

	/**
	 * Unpack the one {@code .txz} that a jar holds.
	 * @param jar the jar
	 * @param folder where to
	 * @throws IOException if the jar holds none or cannot be unpacked
	 */
	static void unpackTxzIn(Path jar, Path folder) throws IOException {
		try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
			for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
				if (entry.getName().endsWith(".txz")) {
					untar(new XZInputStream(zip), folder);
					return;
				}
			}
		}
		throw new IOException(jar + " holds no .txz");
	}

	private static void untar(InputStream stream, Path folder) throws IOException {
		TarArchiveInputStream tar = new TarArchiveInputStream(stream);
		for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
			Path path = folder.resolve(entry.getName()).normalize();
			if (!path.startsWith(folder)) {
				throw new IOException("Entry " + entry.getName() + " leaves the archive");
			}
			if (entry.isDirectory()) {
				Files.createDirectories(path);
				continue;
			}
			Files.createDirectories(path.getParent());
			if (entry.isSymbolicLink()) {
				Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
			}
			else if (entry.isLink()) {
				Files.createLink(path, folder.resolve(entry.getLinkName()).normalize());
			}
			else {
				Files.copy(tar, path);
				if ((entry.getMode() & OWNER_EXECUTES) != 0) {
					makeExecutable(path);
				}
			}
		}
	}

	private static void makeExecutable(Path path) throws IOException {
		Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(path));
		permissions.add(PosixFilePermission.OWNER_EXECUTE);
		permissions.add(PosixFilePermission.GROUP_EXECUTE);
		permissions.add(PosixFilePermission.OTHERS_EXECUTE);
		Files.setPosixFilePermissions(path, permissions);
	}

}
