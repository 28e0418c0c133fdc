import { crc32 } from 'node:zlib';
import { ALPHABETS, type Random } from '../random.js';
import { namedSecrets, secrets } from './shape.js';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function base62(value: number, width: number): string {
  let text = '';
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = BASE62[rest % 62] + text;
  return text.padStart(width, '0');
}

/**
 * 30 random characters and the CRC32 of them in six digits of base 62.
 * https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
 */
const checked = (prefix: string) => (random: Random) => {
  const body = random.text(ALPHABETS.A!, 30);
  return prefix + body + base62(crc32(body), 6);
};

export const VCS_CI = [
  ...secrets('vcs-ci', [
    ['github-classic', 'GITHUB_TOKEN', checked('ghp_')],
    ['github-oauth', 'GH_TOKEN', checked('gho_')],
    ['github-user', 'GH_TOKEN', checked('ghu_')],
    ['github-server', 'GITHUB_TOKEN', checked('ghs_')],
    ['github-refresh', 'GH_REFRESH_TOKEN', checked('ghr_')],
    ['github-fine-grained', 'GITHUB_TOKEN', 'github_pat_11{U:9}0{A:10}_{A:59}'],
    ['gitlab-personal', 'GITLAB_TOKEN', 'glpat-{A:20}'],
    ['gitlab-routable', 'GITLAB_TOKEN', 'glpat-{w:27}.01.{a:9}'],
    ['gitlab-deploy', 'GITLAB_DEPLOY_TOKEN', 'gldt-{A:20}'],
    ['gitlab-runner', 'RUNNER_TOKEN', 'glrt-{A:20}'],
    ['gitlab-trigger', 'TRIGGER_TOKEN', 'glptt-{h:40}'],
    ['gitlab-feed', 'FEED_TOKEN', 'glft-{A:20}'],
    ['gitlab-agent', 'AGENT_TOKEN', 'glagent-{A:50}'],
    ['gitlab-job', 'CI_JOB_TOKEN', 'glcbt-{h:2}_{A:20}'],
    ['gitlab-oauth', 'GITLAB_OAUTH_SECRET', 'gloas-{h:64}'],
    ['atlassian', 'ATLASSIAN_API_TOKEN', 'ATATT3xFfGF0{w:171}A={H:8}'],
    ['bitbucket-access', 'BITBUCKET_TOKEN', 'ATCTT3xFfGN0{w:171}A={H:8}'],
    ['bitbucket-app', 'BITBUCKET_APP_PASSWORD', 'ATBB{A:24}{H:8}'],
    ['buildkite', 'BUILDKITE_API_TOKEN', 'bkua_{h:40}'],
    ['circleci-personal', 'CIRCLE_TOKEN', 'CCIPAT_{A:22}_{h:40}'],
    ['sonar', 'SONAR_TOKEN', 'sqp_{h:40}'],
    ['sonar-user', 'SONAR_TOKEN', 'squ_{h:40}'],
    ['postman', 'POSTMAN_API_KEY', 'PMAK-{h:24}-{h:34}'],
  ]),
  ...namedSecrets('vcs-ci', [
    ['circleci', 'CIRCLECI_TOKEN', '{h:40}'],
    ['travis', 'TRAVIS_TOKEN', '{A:22}'],
    ['jenkins', 'JENKINS_API_TOKEN', '11{h:32}'],
    ['codecov', 'CODECOV_TOKEN', '{uuid}'],
    ['drone', 'DRONE_TOKEN', '{A:32}'],
    ['snyk', 'SNYK_TOKEN', '{uuid}'],
    ['github-secret', 'GITHUB_CLIENT_SECRET', '{h:40}'],
    ['bitbucket-secret', 'BITBUCKET_CLIENT_SECRET', '{A:32}'],
    ['jira', 'JIRA_API_TOKEN', '{A:24}'],
  ]),
  ...secrets('registries', [
    ['npm', 'NPM_TOKEN', checked('npm_')],
    ['pypi', 'TWINE_PASSWORD', 'pypi-AgEIcHlwaS5vcmc{w:150}A'],
    ['rubygems', 'GEM_HOST_API_KEY', 'rubygems_{h:48}'],
    ['crates', 'CARGO_REGISTRY_TOKEN', 'cio{A:32}'],
    ['nuget', 'NUGET_API_KEY', 'oy2{a:43}'],
    ['docker-hub', 'DOCKERHUB_TOKEN', 'dckr_pat_{A:27}'],
    ['clojars', 'CLOJARS_TOKEN', 'CLOJARS_{h:60}'],
    ['jfrog', 'ARTIFACTORY_API_KEY', 'AKCp{A:69}'],
  ]),
  ...namedSecrets('registries', [
    ['npmrc', 'NPM_AUTH', '{uuid}', '//npm.internal.madeup.dev/:_authToken=@'],
    ['packagist', 'PACKAGIST_API_TOKEN', '{a:40}'],
  ]),
];
