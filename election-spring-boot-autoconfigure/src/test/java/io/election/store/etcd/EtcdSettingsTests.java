package io.election.store.etcd;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.etcd.jetcd.resolver.IPNameResolver;
import io.grpc.Attributes;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EtcdSettings}, with the name resolver of the client library.
 */
class EtcdSettingsTests {

	@Test
	void membersAreResolved() {
		assertThat(resolved(0, "http://[::1]:1", "http://127.0.0.1", "http://127.0.0.2:3")).containsExactly(
				new InetSocketAddress("::1", 1), new InetSocketAddress("127.0.0.1", 2379),
				new InetSocketAddress("127.0.0.2", 3));
	}

	@Test
	void eachClientBeginsWithTheNextMember() {
		assertThat(IntStream.range(0, 4)
			.mapToObj((first) -> resolved(first, "http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3"))
			.map((addresses) -> ((InetSocketAddress) addresses.get(0)).getPort())).containsExactly(1, 2, 3, 1);
	}

	private static List<SocketAddress> resolved(int first, String... members) {
		EtcdSettings settings = new EtcdSettings(Stream.of(members).map(URI::create).toList(), null, null, null, null,
				EtcdSettings.PREFIX);
		List<SocketAddress> addresses = new ArrayList<>();
		new IPNameResolver(URI.create(settings.client(first).target())).start(new NameResolver.Listener() {

			@Override
			public void onAddresses(List<EquivalentAddressGroup> servers, Attributes attributes) {
				servers.forEach((server) -> addresses.addAll(server.getAddresses()));
			}

			@Override
			public void onError(Status error) {
				throw error.asRuntimeException();
			}

		});
		return addresses;
	}

}
