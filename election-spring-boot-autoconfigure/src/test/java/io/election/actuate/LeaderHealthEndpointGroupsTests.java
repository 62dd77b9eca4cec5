package io.election.actuate;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.AdditionalPathsMapper;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.withSettings;

/**
 * Tests for {@link LeaderHealthEndpointGroups}.
 */
class LeaderHealthEndpointGroupsTests {

	private final HealthEndpointGroup all = mock(HealthEndpointGroup.class);

	LeaderHealthEndpointGroupsTests() {
		given(this.all.isMember(anyString())).willReturn(true);
	}

	@Test
	void onlyTheHealthOfTheApplicationIsWithoutTheLeader() {
		LeaderHealthEndpointGroups groups = new LeaderHealthEndpointGroups(
				HealthEndpointGroups.of(this.all, Map.of("routing", this.all)));
		assertThat(groups.getPrimary()).isSameAs(groups.getPrimary());
		assertThat(groups.getPrimary().isMember("leader")).isFalse();
		assertThat(groups.getPrimary().isMember("db")).isTrue();
		assertThat(groups.getNames()).containsExactly("routing");
		assertThat(groups.get("routing")).isSameAs(this.all);
		assertThat(groups.get("other")).isNull();
	}

	@Test
	void additionalPathsAreThoseOfTheGroups() {
		EndpointId health = EndpointId.of("health");
		HealthEndpointGroups mapper = mock(HealthEndpointGroups.class,
				withSettings().extraInterfaces(AdditionalPathsMapper.class));
		given(mapper.getPrimary()).willReturn(this.all);
		given(((AdditionalPathsMapper) mapper).getAdditionalPaths(health, WebServerNamespace.SERVER))
			.willReturn(List.of("/leader"));
		assertThat(new LeaderHealthEndpointGroups(mapper).getAdditionalPaths(health, WebServerNamespace.SERVER))
			.containsExactly("/leader");
		HealthEndpointGroups none = HealthEndpointGroups.of(this.all, Map.of());
		assertThat(new LeaderHealthEndpointGroups(none).getAdditionalPaths(health, WebServerNamespace.SERVER)).isNull();
	}

}
